//! How much one call to the bus may carry.

use super::event::BusEvent;

/// The most events in one call (`PutEvents` in EventBridge's API reference).
pub const MAX_EVENTS_A_CALL: usize = 10;
/// The most bytes in one call. EventBridge takes 1 MB since January 2026, and took 256 KB before.
pub const MAX_BYTES_A_CALL: usize = 256 * 1024;
/// What EventBridge counts for an event's time, in bytes (`Calculating entry size` in its user guide).
const TIME_BYTES: usize = 14;

/// What a call carries so far.
#[derive(Debug, Default, Clone, Copy)]
pub struct CallSize {
    events: usize,
    bytes: usize,
}

impl CallSize {
    /// Adds an event where there is room, and says whether there was. The first has room always.
    pub fn add(&mut self, event: &BusEvent) -> bool {
        let bytes = self.bytes + TIME_BYTES + event.source.len() + event.detail_type.len() + event.detail.len();
        let has_room = self.events == 0 || (self.events < MAX_EVENTS_A_CALL && bytes <= MAX_BYTES_A_CALL);
        if has_room {
            *self = Self { events: self.events + 1, bytes };
        }
        has_room
    }
}
