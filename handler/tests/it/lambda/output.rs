use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use momento_eventbridge::lambda::logging::json_logs;
use momento_eventbridge::lambda::output::Output;
use tracing::level_filters::LevelFilter;

/// Each write by itself: what a reader could get while the process is frozen.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<Vec<String>>>);

impl Writes {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(String::from_utf8(bytes.to_vec()).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_lines_of_an_event_leave_in_one_write_and_every_other_line_at_once() {
    let writes = Writes::default();
    let mut output = Output::new(writes.clone());
    let logs = output.clone();
    tracing::subscriber::with_default(json_logs(LevelFilter::INFO, move || logs.clone()), || {
        tracing::warn!("before");
        assert_eq!(writes.take().len(), 1);
        let written = output.clone().in_one_piece(|| {
            tracing::warn!("parked");
            output.write_all(b"{\"Accepted\":1}\n").unwrap();
            assert!(writes.take().is_empty());
        });
        written.unwrap();
        let [both] = &writes.take()[..] else { panic!("not one write") };
        let [logged, counted] = both.lines().collect::<Vec<_>>()[..] else { panic!("{both}") };
        assert!(logged.contains("parked") && counted == r#"{"Accepted":1}"# && both.ends_with('\n'), "{both}");
        tracing::warn!("after");
        assert_eq!(writes.take().len(), 1);
    });
}

#[test]
fn an_error_of_the_writer_is_passed_on_and_nothing_is_held_back_after_it() {
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let output = Output::new(Full);
    assert!(output.in_one_piece(|| output.clone().write_all(b"line\n").unwrap()).is_err());
    assert!(output.clone().write_all(b"line\n").is_err());
}
