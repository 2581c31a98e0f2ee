//! How far a topic has been read, and what was missed: the numbers of a topic's messages, without time, network or table.
//!
//! Numbers of a page go up one by one, and a later page is greater (`cache_client.pubsub` in Momento's `client_protos`).

use crate::message::missed::Gap;
use crate::momento::pubsub::ResumeAt;

/// How far a topic has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Nowhere: no subscription has ever been accepted. The first one begins here, and nothing can be missing before.
    Start(ResumeAt),
    /// A subscription was accepted, and no number is known yet. From then on nothing may be skipped, even if the next stream
    /// begins before the first message came.
    Begun,
    /// Up to this number of this page, which is due.
    Due {
        /// The page.
        page: u64,
        /// The number.
        number: u64,
    },
}

/// What to do with a message of the topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Publish it, and go on at the position.
    Publish {
        /// What to say before about messages that are missing.
        gap: Option<Gap>,
        /// How far the topic has been read with it.
        position: Position,
    },
    /// Nothing: it has been published, or reported as missed, before.
    Skip,
}

impl Position {
    /// The position that a checkpoint has.
    #[must_use]
    pub fn new(checkpoint: ResumeAt) -> Self {
        match checkpoint {
            ResumeAt::Newest | ResumeAt::Available => Self::Begun,
            ResumeAt::Number { page, number } => Self::Due { page, number },
        }
    }

    /// Where the next stream begins.
    #[must_use]
    pub fn resume_at(self) -> ResumeAt {
        match self {
            Self::Start(at) => at,
            Self::Begun => ResumeAt::Available,
            Self::Due { page, number } => ResumeAt::Number { page, number },
        }
    }

    /// The page and the number that are due, if any number is known.
    #[must_use]
    pub fn due(self) -> Option<(u64, u64)> {
        match self {
            Self::Start(_) | Self::Begun => None,
            Self::Due { page, number } => Some((page, number)),
        }
    }

    /// The position once Momento has accepted a subscription.
    #[must_use]
    pub fn accepted(self) -> Self {
        match self {
            Self::Start(_) => Self::Begun,
            Self::Begun | Self::Due { .. } => self,
        }
    }

    /// What to do with the message of this number.
    #[must_use]
    pub fn item(self, page: u64, number: u64) -> Step {
        let after = Self::Due { page, number: number.saturating_add(1) };
        match self.due() {
            // Where messages are missing before the first one that is known, Momento says so with a discontinuity.
            None => Step::Publish { gap: None, position: after },
            Some((known, next)) if page == known && number < next => Step::Skip,
            // One that comes late, of a page that was left: nobody can tell whether it was published. A copy is better than
            // a loss.
            Some((known, _)) if page < known => Step::Publish { gap: None, position: self },
            due => Step::Publish { gap: gap(due, (page, number)), position: after },
        }
    }

    /// What is missing when Momento says that the topic goes on with this number, and the position then.
    #[must_use]
    pub fn discontinuity(self, page: u64, number: u64) -> (Option<Gap>, Self) {
        let after = Self::Due { page, number };
        match self {
            // What came before the start is not missing.
            Self::Start(_) => (None, after),
            // What comes again was published before, and what comes late, of a page that was left, is published anyhow.
            Self::Due { page: known, number: next } if (page, number) <= (known, next) => (None, self),
            Self::Begun | Self::Due { .. } => (gap(self.due(), (page, number)), after),
        }
    }

    /// What is missing when the message of this number came and cannot be published, and the position then.
    #[must_use]
    pub fn unusable(self, page: u64, number: u64) -> (Option<Gap>, Self) {
        let known = if self.due().is_some() { self } else { Self::Due { page, number } };
        known.discontinuity(page, number.saturating_add(1))
    }
}

/// The hole between the number that is due and the one that came, if there is one.
fn gap(due: Option<(u64, u64)>, (new_page, new_number): (u64, u64)) -> Option<Gap> {
    (due != Some((new_page, new_number))).then_some(Gap { due, new_page, new_number })
}
