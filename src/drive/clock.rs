//! The only reader of the clock, and the only waiter on it.
//!
//! Waiting wakes within some 50 µs: one timerfd a shard, since the timer wheel of the runtime has
//! a resolution of 1 ms. Elsewhere than on Linux the wheel has to do.

use std::time::{Duration, Instant};

use crate::measure::Stamp;

/// The monotonic clock of one run, with the show's start as its zero.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock whose zero is `lead` from now, so that all shards can be ready by then.
    #[must_use]
    pub fn starting_in(lead: Duration) -> Clock {
        Clock { origin: Instant::now() + lead }
    }

    /// Nanoseconds since the show's start; zero before it.
    #[must_use]
    pub fn now(&self) -> Stamp {
        let elapsed = Instant::now().saturating_duration_since(self.origin);
        Stamp(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX))
    }

    /// How much CPU time the calling thread has used; zero where the system does not tell.
    #[must_use]
    pub(crate) fn thread_cpu() -> Duration {
        #[cfg(target_os = "linux")]
        {
            let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
            Duration::try_from(time).unwrap_or_default()
        }
        #[cfg(not(target_os = "linux"))]
        Duration::ZERO
    }

    /// The clock reading at `stamp`, for time-outs of the runtime.
    #[must_use]
    pub fn instant(&self, stamp: Stamp) -> Instant {
        self.origin + Duration::from_nanos(stamp.0)
    }
}

#[cfg(target_os = "linux")]
mod alarm {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::{Duration, Instant};

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    /// Wakes one task at chosen instants.
    #[derive(Debug)]
    pub(crate) struct Alarm {
        timer: AsyncFd<OwnedFd>,
    }

    impl Alarm {
        /// An alarm on the current runtime.
        pub(crate) fn new() -> io::Result<Alarm> {
            let timer = timerfd_create(
                TimerfdClockId::Monotonic,
                TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
            )?;
            #[expect(
                deprecated,
                reason = "its successor is unsafe and asks that the descriptor stay open; an owned one does"
            )]
            let timer = AsyncFd::new(timer)?;
            Ok(Alarm { timer })
        }

        /// Returns at `wanted`, or at once if that has passed. May be dropped at any await.
        pub(crate) async fn wait_until(&self, wanted: Instant) -> io::Result<()> {
            let wait = wanted.saturating_duration_since(Instant::now());
            if wait.is_zero() {
                return Ok(());
            }
            timerfd_settime(
                self.timer.get_ref(),
                TimerfdTimerFlags::empty(),
                &Itimerspec { it_interval: timespec(Duration::ZERO), it_value: timespec(wait) },
            )?;
            loop {
                let mut ready = self.timer.readable().await?;
                let mut ticks = [0_u8; 8];
                match rustix::io::read(ready.get_inner(), &mut ticks) {
                    Ok(_) => return Ok(()),
                    Err(rustix::io::Errno::AGAIN) => ready.clear_ready(),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }

    fn timespec(length: Duration) -> Timespec {
        Timespec {
            tv_sec: i64::try_from(length.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(length.subsec_nanos()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod alarm {
    use std::io;
    use std::time::Instant;

    /// Wakes one task at chosen instants, to the millisecond of the runtime's timer wheel.
    #[derive(Debug)]
    pub(crate) struct Alarm;

    impl Alarm {
        /// An alarm on the current runtime.
        pub(crate) fn new() -> io::Result<Alarm> {
            Ok(Alarm)
        }

        /// Returns at `wanted`, or at once if that has passed. May be dropped at any await.
        pub(crate) async fn wait_until(&self, wanted: Instant) -> io::Result<()> {
            tokio::time::sleep_until(wanted.into()).await;
            Ok(())
        }
    }
}

pub(crate) use alarm::Alarm;
