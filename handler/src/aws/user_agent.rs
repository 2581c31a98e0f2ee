//! Who calls, in the words of this package instead of the SDK's.

use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, disable_interceptor, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// What AWS may log of the caller.
const USER_AGENT: &str = concat!("cdk-momento-eventbridge/", env!("CARGO_PKG_VERSION"));
const WHY: &str = "the caller names itself, and retries by itself";

/// Sends a short `user-agent`, and not the four headers in which the SDK tells of itself and of retries that it does not make. To write,
/// sign and send those takes 58 K of the 728 K instructions of an event, and 6 % of its CPU. No service asks for them. Every client here has
/// it.
///
/// A later `aws-runtime` than the SDK's would make this do nothing, which a test would notice.
#[derive(Debug)]
pub(super) struct OwnUserAgent;

#[dyn_dispatch_hint]
impl Intercept for OwnUserAgent {
    fn name(&self) -> &'static str {
        "OwnUserAgent"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let state = config.interceptor_state();
        state.store_put(disable_interceptor::<UserAgentInterceptor>(WHY));
        state.store_put(disable_interceptor::<RequestInfoInterceptor>(WHY));
        state.store_put(disable_interceptor::<InvocationIdInterceptor>(WHY));
        Ok(())
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().headers_mut().insert("user-agent", USER_AGENT);
        Ok(())
    }
}
