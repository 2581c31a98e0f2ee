//! What goes wrong on purpose, and with which requests.

use axum::http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::grpc::StatusName;

/// The faults asked for. The first that matches a request hits it.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Rule>);

/// Which requests a fault hits. Each condition that is absent lets every request pass.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRule {
    method: Option<String>,
    /// What path and query, as sent, begin with; of a call by gRPC, the method's path, the cache and the topic.
    target_prefix: Option<String>,
    /// How many requests it hits before it is over.
    times: Option<u64>,
    /// The share of requests that it hits, from 0 to 1.
    probability: Option<f64>,
    /// Where the dice for the probability start.
    #[serde(default)]
    seed: u64,
    fault: Fault,
}

/// What happens to a request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Fault {
    /// Refused with this status, with no effect.
    Answer { status: Status, retry_after: Option<String>, body: Option<String> },
    /// Refused with this status of gRPC, with no effect. Hits nothing but calls by gRPC.
    GrpcStatus { code: StatusName, message: Option<String> },
    /// Nothing happens for so long. Then it is served, if the caller is still there.
    Hang { milliseconds: u64 },
    /// The connection is reset, with no effect.
    Reset,
    /// Done as asked, and answered with this status.
    FailAfterEffect { status: Status },
    /// Done as asked, and the connection is reset before the answer.
    LostAnswer,
}

/// A status code that HTTP has.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub(crate) struct Status(pub(crate) StatusCode);

impl TryFrom<u16> for Status {
    type Error = String;

    fn try_from(code: u16) -> Result<Self, String> {
        StatusCode::from_u16(code).map(Self).map_err(|_| format!("no status of HTTP: {code}"))
    }
}

impl From<Status> for u16 {
    fn from(Status(status): Status) -> Self {
        status.as_u16()
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Rule {
    #[serde(flatten)]
    of: NewRule,
    hits: u64,
    #[serde(skip)]
    dice: fastrand::Rng,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: NewRule) -> Result<(), String> {
        if rule.probability.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err("probability is not from 0 to 1".to_owned());
        }
        if let Fault::Answer { retry_after: Some(value), .. } = &rule.fault {
            HeaderValue::from_str(value).map_err(|_| "retry_after is not a valid value of a header".to_owned())?;
        }
        let dice = fastrand::Rng::with_seed(rule.seed);
        self.0.push(Rule { of: rule, hits: 0, dice });
        Ok(())
    }

    /// The fault that hits this request, if any.
    pub(crate) fn take(&mut self, method: &str, target: &str, is_grpc: bool) -> Option<Fault> {
        let rule = self.0.iter_mut().find_map(|rule| rule.hits(method, target, is_grpc).then_some(rule))?;
        rule.hits += 1;
        Some(rule.of.fault.clone())
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.0
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Rule {
    fn hits(&mut self, method: &str, target: &str, is_grpc: bool) -> bool {
        let NewRule { method: only, target_prefix, times, probability, fault, .. } = &self.of;
        (is_grpc || !matches!(fault, Fault::GrpcStatus { .. }))
            && only.as_deref().is_none_or(|only| only.eq_ignore_ascii_case(method))
            && target_prefix.as_deref().is_none_or(|prefix| target.starts_with(prefix))
            && times.is_none_or(|times| self.hits < times)
            && probability.is_none_or(|share| self.dice.f64() < share)
    }
}

impl Fault {
    /// Its name, as tests ask for it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "answer",
            Self::GrpcStatus { .. } => "grpc-status",
            Self::Hang { .. } => "hang",
            Self::Reset => "reset",
            Self::FailAfterEffect { .. } => "fail-after-effect",
            Self::LostAnswer => "lost-answer",
        }
    }
}
