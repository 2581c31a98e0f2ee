//! How far a topic has been read, and what was missed: the numbers of a topic's messages, without time, network or table.
//!
//! Numbers of a page go up one by one, and a later page is greater (`cache_client.pubsub` in Momento's `client_protos`).

use crate::message::missed::Gap;
use crate::momento::pubsub::ResumeAt;

/// How far a topic has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position(ResumeAt);

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
    /// The position to go on at.
    #[must_use]
    pub fn new(resume_at: ResumeAt) -> Self {
        Self(resume_at)
    }

    /// Where the next stream begins.
    #[must_use]
    pub fn resume_at(self) -> ResumeAt {
        self.0
    }

    /// The position once Momento has accepted a subscription: from then on nothing may be skipped, even if the next stream
    /// begins before the first message came. (What Momento itself forgets before then, nobody can report: no number is known.)
    #[must_use]
    pub fn accepted(self) -> Self {
        match self.0 {
            ResumeAt::Newest => Self(ResumeAt::Available),
            _ => self,
        }
    }

    /// What to do with the message of this number.
    #[must_use]
    pub fn item(self, page: u64, number: u64) -> Step {
        let after = Self(ResumeAt::Number { page, number: number.saturating_add(1) });
        match self.0 {
            ResumeAt::Newest | ResumeAt::Available => Step::Publish { gap: None, position: after },
            ResumeAt::Number { page: known, number: next } if page == known => {
                if number < next {
                    return Step::Skip;
                }
                Step::Publish { gap: gap((known, next), (page, number)), position: after }
            }
            // One that comes late, of a page that was left: nobody can tell whether it was published. A copy is better than
            // a loss.
            ResumeAt::Number { page: known, .. } if page < known => Step::Publish { gap: None, position: self },
            ResumeAt::Number { page: known, number: next } => {
                Step::Publish { gap: gap((known, next), (page, number)), position: after }
            }
        }
    }

    /// What is missing when Momento says that the topic goes on with this number, and the position then.
    #[must_use]
    pub fn discontinuity(self, page: u64, number: u64) -> (Option<Gap>, Self) {
        let after = Self(ResumeAt::Number { page, number });
        match self.0 {
            // Nothing was known, so nothing is known to be missing.
            ResumeAt::Newest | ResumeAt::Available => (None, after),
            // What comes again was published before, and what comes late, of a page that was left, is published anyhow.
            ResumeAt::Number { page: known, number: next } if (page, number) <= (known, next) => (None, self),
            ResumeAt::Number { page: known, number: next } => (gap((known, next), (page, number)), after),
        }
    }

    /// What is missing when the message of this number came and cannot be published, and the position then.
    #[must_use]
    pub fn unusable(self, page: u64, number: u64) -> (Option<Gap>, Self) {
        match self.0 {
            ResumeAt::Newest | ResumeAt::Available => {
                Self(ResumeAt::Number { page, number }).discontinuity(page, number.saturating_add(1))
            }
            ResumeAt::Number { .. } => self.discontinuity(page, number.saturating_add(1)),
        }
    }
}

/// The hole between the number that is due and the one that came, if there is one.
fn gap((page, due): (u64, u64), (new_page, new_number): (u64, u64)) -> Option<Gap> {
    ((page, due) != (new_page, new_number)).then_some(Gap { page, due, new_page, new_number })
}
