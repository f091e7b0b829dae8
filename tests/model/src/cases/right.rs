//! The protocols as they are to be.

use super::Right;
use crate::check::check;
use crate::deliver::{self, Deliver};
use crate::ingest::{self, Ingest, Registration};
use crate::notices::{self, Notices};
use crate::sweep::{self, Sweep};

/// The protocols as they are to be.
pub const RIGHT: [Right; 20] = [
    Right {
        name: "ingest: two events race for an ad hoc webhook that one of them brings; 2 faults",
        is_large: false,
        check: || check(race(2)),
    },
    Right {
        name: "ingest: two events race, and one comes twice; 1 fault",
        is_large: false,
        check: || check(twice(race(1))),
    },
    Right {
        name: "ingest: an event comes before its ad hoc webhook, or after it; 2 faults",
        is_large: false,
        check: || check(late(2)),
    },
    Right {
        name: "ingest: an event comes before its ad hoc webhook, and one comes twice; 1 fault",
        is_large: false,
        check: || check(twice(late(1))),
    },
    Right {
        name: "ingest: the API defines an ad hoc webhook while two events come; 1 fault",
        is_large: false,
        check: || check(api(1)),
    },
    Right {
        name: "deliver: an attempt and two retries, asked for twice; 2 faults",
        is_large: false,
        check: || check(deliver(false, 2)),
    },
    Right {
        name: "deliver: an attempt that is not to be repeated, asked for twice; 3 faults",
        is_large: false,
        check: || check(deliver(true, 3)),
    },
    Right {
        name: "deliver: an attempt and a retry, redelivered; 1 fault",
        is_large: false,
        check: || check(redelivered(false, 1, 1)),
    },
    Right {
        name: "deliver: an attempt, redelivered; 2 faults",
        is_large: false,
        check: || check(redelivered(false, 0, 2)),
    },
    Right {
        name: "deliver: an attempt, redelivered by two requests at a time; no fault",
        is_large: false,
        check: || {
            check(Deliver {
                redeliveries: 2,
                ..redelivered(false, 0, 0)
            })
        },
    },
    Right {
        name: "deliver: an attempt that is not to be repeated, redelivered; 1 fault",
        is_large: false,
        check: || check(redelivered(true, 0, 1)),
    },
    Right {
        name: "sweep: two workers park, two sweepers take; 1 fault",
        is_large: false,
        check: || check(sweep(1)),
    },
    Right {
        name: "notices: a webhook changes twice, two dispatches are exhausted, two sweepers tell; 1 fault",
        is_large: false,
        check: || check(notices(1)),
    },
    Right {
        name: "ingest: two events race, and one comes twice; 2 faults",
        is_large: true,
        check: || check(twice(race(2))),
    },
    Right {
        name: "ingest: an event comes before its ad hoc webhook, and one comes twice; 2 faults",
        is_large: true,
        check: || check(twice(late(2))),
    },
    Right {
        name: "ingest: the API defines an ad hoc webhook while two events come; 2 faults",
        is_large: true,
        check: || check(api(2)),
    },
    Right {
        name: "deliver: an attempt and two retries, asked for twice; 3 faults",
        is_large: true,
        check: || check(deliver(false, 3)),
    },
    Right {
        name: "deliver: an attempt that is not to be repeated, redelivered; 2 faults",
        is_large: true,
        check: || check(redelivered(true, 0, 2)),
    },
    Right {
        name: "sweep: two workers park, two sweepers take; 2 faults",
        is_large: true,
        check: || check(sweep(2)),
    },
    Right {
        name: "notices: a webhook changes twice, two dispatches are exhausted, two sweepers tell; 3 faults",
        is_large: true,
        check: || check(notices(3)),
    },
];

pub(super) fn race(faults: u8) -> Ingest {
    Ingest {
        registration: Registration::WithEvent,
        protocol: ingest::Protocol::Right,
        faults,
        duplicate: false,
    }
}

fn late(faults: u8) -> Ingest {
    Ingest {
        registration: Registration::WithEventForLater,
        ..race(faults)
    }
}

fn api(faults: u8) -> Ingest {
    Ingest {
        registration: Registration::Api,
        ..race(faults)
    }
}

fn twice(model: Ingest) -> Ingest {
    Ingest {
        duplicate: true,
        ..model
    }
}

pub(super) fn deliver(do_not_retry: bool, faults: u8) -> Deliver {
    Deliver {
        do_not_retry,
        retries: 2,
        protocol: deliver::Protocol::Right,
        faults,
        redeliveries: 0,
    }
}

pub(super) fn redelivered(do_not_retry: bool, retries: u8, faults: u8) -> Deliver {
    Deliver {
        retries,
        redeliveries: 1,
        ..deliver(do_not_retry, faults)
    }
}

pub(super) fn sweep(faults: u8) -> Sweep {
    Sweep {
        protocol: sweep::Protocol::Right,
        faults,
    }
}

pub(super) fn notices(faults: u8) -> Notices {
    Notices {
        protocol: notices::Protocol::Right,
        faults,
    }
}
