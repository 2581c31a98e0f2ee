//! The events that carry commands, for `PutEvents`: what sends them needs no more than this and a client.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::command::{Command, Name};

impl Command {
    /// The event that has `EventBridgeToMomento` carry the command out.
    ///
    /// `source` is who sends it, such as `orders`; `event_bus` the name or ARN of the bus, without which it is the account's
    /// default bus. One event may have 1 MB with all of its fields (`PutEvents` in EventBridge's API reference).
    ///
    /// ```
    /// use momento_eventbridge::command::{Command, Name};
    ///
    /// let command = Command::CacheSet {
    ///     cache: "sessions".try_into()?,
    ///     key: "user-17".try_into()?,
    ///     message: r#"{"cart":3}"#.into(),
    ///     ttl_seconds: 3600.try_into()?,
    /// };
    /// let entry = command.to_entry(&Name::try_from("orders")?, None);
    /// assert_eq!(entry.detail_type(), Some("cacheSet"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_entry(&self, source: &Name, event_bus: Option<&str>) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .source(source.get())
            .detail_type(self.detail_type())
            .detail(self.detail().to_string())
            .set_event_bus_name(event_bus.map(str::to_owned))
            .build()
    }
}
