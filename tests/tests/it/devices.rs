//! Every store behind states passes one conformance suite, and wrong ones do not.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::thread;

use bytes::Bytes;
use eci_backend::{
    Creation, DeviceFuture, DirectoryDevice, LogDevice, MemoryDevice, ObjectId, Series,
    StoredObject,
};
use eci_state::DeviceError;
use eci_tests::devices::{block_on, conforms};
use eci_tests::servers::{Bucket, Moto, Postgres, SeaweedFs};
use eci_text::Text;
use jiff::Timestamp;

#[test]
fn memory_conforms() {
    conforms(MemoryDevice::default);
}

#[test]
fn a_directory_conforms() {
    let parent = tempfile::tempdir().unwrap();
    let count = Cell::new(0);
    conforms(|| {
        count.set(count.get() + 1);
        DirectoryDevice::new(parent.path().join(count.get().to_string()))
    });
}

/// A mistake of a device.
#[derive(Clone, Copy, Debug)]
enum Mistake {
    /// A create overwrites.
    Overwrites,
    /// A list lacks the newest object.
    ListLags,
    /// A lost answer is reported as if the object existed before.
    LostAnswerIsFailure,
}

/// A device that makes a mistake.
#[derive(Clone, Debug)]
struct WrongDevice {
    device: MemoryDevice,
    mistake: Mistake,
}

impl LogDevice for WrongDevice {
    fn location(&self) -> String {
        self.device.location()
    }

    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        self.device.now()
    }

    fn create(&self, id: ObjectId, bytes: Bytes) -> DeviceFuture<'_, Creation> {
        Box::pin(async move {
            match self.mistake {
                Mistake::Overwrites => {
                    self.device.overwrite(id, bytes);
                    Ok(Creation::Created)
                }
                Mistake::LostAnswerIsFailure => {
                    self.device.create(id, bytes).await?;
                    let cause = Text::verbatim("the answer was lost");
                    Err(DeviceError::Refused { cause })
                }
                Mistake::ListLags => self.device.create(id, bytes).await,
            }
        })
    }

    fn get(&self, id: ObjectId) -> DeviceFuture<'_, Option<StoredObject>> {
        self.device.get(id)
    }

    fn list(&self, series: Series, from: u64) -> DeviceFuture<'_, Vec<u64>> {
        Box::pin(async move {
            let mut listed = self.device.list(series, from).await?;
            if matches!(self.mistake, Mistake::ListLags) {
                listed.pop();
            }
            Ok(listed)
        })
    }

    fn delete(&self, id: ObjectId) -> DeviceFuture<'_, ()> {
        self.device.delete(id)
    }
}

#[test]
fn wrong_devices_do_not_conform() {
    for mistake in [
        Mistake::Overwrites,
        Mistake::ListLags,
        Mistake::LostAnswerIsFailure,
    ] {
        let suite = thread::spawn(move || {
            conforms(|| WrongDevice {
                device: MemoryDevice::default(),
                mistake,
            });
        });
        assert!(suite.join().is_err(), "{mistake:?} was not noticed");
    }
}

#[test]
fn a_database_of_postgresql_conforms() {
    let Some(server) = Postgres::start() else {
        return;
    };
    let count = Cell::new(0);
    conforms(|| {
        count.set(count.get() + 1);
        server.device(&format!("state-{}", count.get()))
    });
}

#[test]
fn a_bucket_of_seaweedfs_conforms() {
    let Some(server) = SeaweedFs::start() else {
        return;
    };
    bucket_conforms(&server);
}

#[test]
fn a_bucket_of_moto_conforms() {
    let Some(server) = Moto::start() else {
        return;
    };
    bucket_conforms(&server);
}

#[test]
fn a_prefix_inside_that_of_another_state_is_not_listed_as_a_part_of_it() {
    let Some(server) = Moto::start() else {
        return;
    };
    let (outer, inner) = (server.device("shop"), server.device("shop/log"));
    block_on(async {
        for (device, number) in [(&outer, 1), (&inner, 5)] {
            let id = ObjectId::new(Series::Log, number);
            device.create(id, Bytes::new()).await.unwrap();
            assert_eq!(device.list(Series::Log, 0).await.unwrap(), [number]);
        }
        assert_eq!(outer.list(Series::Log, 0).await.unwrap(), [1]);
    });
}

fn bucket_conforms(server: &impl Bucket) {
    let count = Cell::new(0);
    conforms(|| {
        count.set(count.get() + 1);
        server.device(&format!("state-{}", count.get()))
    });
}
