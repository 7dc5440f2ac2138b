//! The sizes that the cloud sells, for groups that name none.

/// vCPUs, and the least and the most GiB that go with them; in between memory doubles
/// (assumed: the sizes of the general purpose flavors).
const SOLD: [(f64, f64, f64); 9] = [
    (0.25, 0.5, 1.0),
    (0.5, 1.0, 2.0),
    (1.0, 2.0, 8.0),
    (2.0, 4.0, 16.0),
    (4.0, 8.0, 32.0),
    (8.0, 16.0, 64.0),
    (16.0, 32.0, 128.0),
    (32.0, 64.0, 256.0),
    (64.0, 128.0, 512.0),
];

/// The size of a group in which nothing gives a size.
const DEFAULT: Size = Size {
    cpu: 2.0,
    memory: 4.0,
};

/// vCPUs and GiB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    pub(crate) cpu: f64,
    pub(crate) memory: f64,
}

/// Returns the smallest size sold that holds `requested`; `None` if none is large enough.
///
/// Without a size it returns the default.
pub(crate) fn round_up(requested: Size) -> Option<Size> {
    if requested.cpu <= 0.0 && requested.memory <= 0.0 {
        return Some(DEFAULT);
    }
    SOLD.iter()
        .filter(|(cpu, _, most)| *cpu >= requested.cpu && *most >= requested.memory)
        .map(|&(cpu, least, _)| {
            let mut memory = least;
            while memory < requested.memory {
                memory *= 2.0;
            }
            Size { cpu, memory }
        })
        .next()
}

/// Returns the size that a group of these containers requires: the sum of the containers, or the
/// largest init container where that is more.
///
/// An item is the vCPUs and GiB that one container names.
pub(crate) fn needed(
    containers: impl Iterator<Item = Size>,
    init_containers: impl Iterator<Item = Size>,
) -> Size {
    let none = Size {
        cpu: 0.0,
        memory: 0.0,
    };
    let sum = containers.fold(none, |sum, one| Size {
        cpu: sum.cpu + one.cpu,
        memory: sum.memory + one.memory,
    });
    init_containers.fold(sum, |most, one| Size {
        cpu: most.cpu.max(one.cpu),
        memory: most.memory.max(one.memory),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(cpu: f64, memory: f64) -> Size {
        Size { cpu, memory }
    }

    #[test]
    fn sizes_are_rounded_up_to_what_is_sold() {
        for (requested, sold) in [
            (size(0.0, 0.0), size(2.0, 4.0)),
            (size(0.1, 0.0), size(0.25, 0.5)),
            (size(0.25, 0.6), size(0.25, 1.0)),
            (size(0.25, 1.5), size(0.5, 2.0)),
            (size(1.0, 1.0), size(1.0, 2.0)),
            (size(1.5, 2.0), size(2.0, 4.0)),
            (size(1.0, 9.0), size(2.0, 16.0)),
            (size(3.0, 33.0), size(8.0, 64.0)),
            (size(64.0, 512.0), size(64.0, 512.0)),
        ] {
            assert_eq!(round_up(requested), Some(sold), "{requested:?}");
        }
    }

    #[test]
    fn what_is_larger_than_all_sizes_is_not_sold() {
        assert_eq!(round_up(size(65.0, 1.0)), None);
        assert_eq!(round_up(size(1.0, 513.0)), None);
    }

    #[test]
    fn init_containers_count_by_their_largest() {
        let containers = [size(1.0, 1.0), size(0.5, 2.0)];
        let init = [size(4.0, 1.0), size(1.0, 2.0)];
        assert_eq!(
            needed(containers.into_iter(), init.into_iter()),
            size(4.0, 3.0)
        );
    }
}
