//! How a receiver behaves: the path of its URL decides, so that it has nothing to remember.

/// A way to treat a POST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// 200.
    Accept,
    /// 200, and a body that begins and never ends.
    AcceptAndHang,
    /// 503, with a wish not to be called for a quarter of an hour and more.
    ComeBack,
    /// 500.
    Fail,
    /// 410.
    Gone,
    /// No answer at all.
    Hang,
}

impl Manner {
    const ALL: [Manner; 6] = [
        Manner::Accept,
        Manner::AcceptAndHang,
        Manner::ComeBack,
        Manner::Fail,
        Manner::Gone,
        Manner::Hang,
    ];

    /// The first segment of the path.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Manner::Accept => "accept",
            Manner::AcceptAndHang => "accept-and-hang",
            Manner::ComeBack => "come-back",
            Manner::Fail => "fail",
            Manner::Gone => "gone",
            Manner::Hang => "hang",
        }
    }

    /// The manner and the label of the webhook that a path names.
    pub(crate) fn in_path(path: &str) -> Option<(Self, &str)> {
        let (segment, label) = path.trim_start_matches('/').split_once('/')?;
        let manner = Manner::ALL.into_iter().find(|one| one.segment() == segment);
        Some((manner?, label))
    }

    /// Whether whoever sent it was told that it has arrived.
    pub(crate) fn accepts(self) -> bool {
        matches!(self, Manner::Accept | Manner::AcceptAndHang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_it_is_written() {
        for manner in Manner::ALL {
            let path = format!("/{}/a1b2-actor", manner.segment());
            assert_eq!(Manner::in_path(&path), Some((manner, "a1b2-actor")));
        }
        for other in ["/", "/accept", "/robots.txt", "/who/knows"] {
            assert_eq!(Manner::in_path(other), None, "{other}");
        }
    }
}
