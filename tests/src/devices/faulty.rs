//! A device whose operations fail in all ways in which stores fail.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use eci_backend::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};
use eci_state::DeviceError;
use eci_text::Text;
use jiff::Timestamp;

/// A fault of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The operation takes effect and its answer is lost.
    LostAnswer,
    /// The store refuses the operation for now: 409, 429, 503.
    Busy,
    /// The answer takes long.
    Slow,
    /// A proxy sends a create twice.
    SentTwice,
}

/// A device with faults, by a generator that is given the number of each operation.
#[derive(Clone, Debug)]
pub struct FaultyDevice<D> {
    device: D,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Debug)]
struct Plan {
    state: u64,
    /// One in this number of operations has a fault.
    every: u64,
}

impl<D> FaultyDevice<D> {
    /// Creates a device in which one operation out of `every` has a fault.
    pub fn new(device: D, seed: u64, every: u64) -> FaultyDevice<D> {
        let plan = Plan {
            state: seed.wrapping_mul(2).wrapping_add(1),
            every,
        };
        FaultyDevice {
            device,
            plan: Arc::new(Mutex::new(plan)),
        }
    }

    fn next(&self) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
        plan.state = plan.state.wrapping_mul(6364136223846793005).wrapping_add(1);
        let drawn = plan.state >> 33;
        if !drawn.is_multiple_of(plan.every) {
            return None;
        }
        Some(match (drawn / plan.every) % 4 {
            0 => Fault::LostAnswer,
            1 => Fault::Busy,
            2 => Fault::Slow,
            _ => Fault::SentTwice,
        })
    }
}

fn unavailable(cause: &str) -> DeviceError {
    let cause = Text::verbatim(cause.to_owned());
    DeviceError::Unavailable { cause }
}

impl<D: LogDevice> LogDevice for FaultyDevice<D> {
    fn location(&self) -> String {
        self.device.location()
    }

    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        self.device.now()
    }

    fn create(&self, id: ObjectId, bytes: Bytes) -> DeviceFuture<'_, Creation> {
        let fault = self.next();
        Box::pin(async move {
            match fault {
                Some(Fault::Busy) => return Err(unavailable("503 Slow Down")),
                Some(Fault::Slow) => tokio::time::sleep(Duration::from_millis(20)).await,
                _ => {}
            }
            let created = self.device.create(id, bytes.clone()).await?;
            match fault {
                Some(Fault::LostAnswer) => Err(unavailable("connection reset")),
                Some(Fault::SentTwice) => self.device.create(id, bytes).await,
                _ => Ok(created),
            }
        })
    }

    fn get(&self, id: ObjectId) -> DeviceFuture<'_, Option<StoredObject>> {
        let fault = self.next();
        Box::pin(async move {
            match fault {
                Some(Fault::Busy | Fault::LostAnswer) => Err(unavailable("timed out")),
                _ => self.device.get(id).await,
            }
        })
    }

    fn list(&self, series: Series, from: u64) -> DeviceFuture<'_, Vec<u64>> {
        let fault = self.next();
        Box::pin(async move {
            match fault {
                Some(Fault::Busy | Fault::LostAnswer) => Err(unavailable("429")),
                _ => self.device.list(series, from).await,
            }
        })
    }

    fn delete(&self, id: ObjectId) -> DeviceFuture<'_, ()> {
        self.device.delete(id)
    }
}
