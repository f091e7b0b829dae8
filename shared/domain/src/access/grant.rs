//! What a token lets its bearer do: only read or also change, and with all of a user's webhooks or
//! only those of one detail page.

use crate::condition::Condition;
use crate::id::{ActorId, TaskId};

/// How much may be done. Who may change webhooks may read them, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Webhooks and dispatches may be read, but for the secrets that requests are signed with.
    Read,
    /// They may be changed, tried and redelivered, too, and the secrets read.
    Write,
}

/// What the bearer of a token may do in the name of its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// `None`: nothing at all.
    scope: Option<Scope>,
    /// The condition of all webhooks of the detail page that it is limited to, if it is limited.
    page: Option<Condition>,
}

/// A token that is to be for two detail pages at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is limited to an actor or to a task, not to both")]
pub struct TwoPages;

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The scope as it is written everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "webhooks:read",
            Self::Write => "webhooks:write",
        }
    }

    /// The widest scope in a list that spaces separate. Words that are not known belong to others;
    /// a list without any of ours allows nothing here.
    pub fn widest_of(list: &str) -> Option<Self> {
        let known = |word| Self::ALL.into_iter().find(|scope| scope.name() == word);
        list.split(' ').filter_map(known).max()
    }

    /// Accepts one scope, as it is written everywhere.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let known = Self::ALL.into_iter().find(|scope| scope.name() == text);
        known.ok_or_else(|| ScopeError(text.chars().take(80).collect()))
    }
}

/// A text that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope: webhooks:read or webhooks:write")]
pub struct ScopeError(String);

impl Grant {
    /// Everything that the user may do.
    pub fn full() -> Self {
        Self::of(Some(Scope::Write))
    }

    /// This much, with all of the user's webhooks; `None` is nothing.
    pub fn of(scope: Option<Scope>) -> Self {
        Self { scope, page: None }
    }

    /// The same, limited to the detail page of an actor or a task, if one is named.
    pub fn limited_to(
        self,
        actor: Option<ActorId>,
        task: Option<TaskId>,
    ) -> Result<Self, TwoPages> {
        let page = match (actor, task) {
            (None, None) => None,
            (Some(actor), None) => Some(Condition::Actor(actor)),
            (None, Some(task)) => Some(Condition::Task(task)),
            (Some(_), Some(_)) => return Err(TwoPages),
        };
        Ok(Self { page, ..self })
    }

    /// Whether it is enough for what needs this scope.
    pub fn allows(&self, needed: Scope) -> bool {
        self.scope >= Some(needed)
    }

    /// Whether a webhook with this condition, and what it sends, may be read, changed or defined.
    ///
    /// A webhook of one run is on no detail page: nothing in it says whose run it is.
    pub fn covers(&self, condition: &Condition) -> bool {
        self.page.as_ref().is_none_or(|page| page == condition)
    }

    /// The condition of everything that it covers; `None` if that is all that the user has.
    pub fn page(&self) -> Option<&Condition> {
        self.page.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RunId;

    fn actor(id: &str) -> ActorId {
        ActorId::parse(id).unwrap()
    }

    fn task(id: &str) -> TaskId {
        TaskId::parse(id).unwrap()
    }

    fn conditions() -> [Condition; 5] {
        [
            Condition::Actor(actor("a")),
            Condition::Actor(actor("b")),
            Condition::Task(task("a")),
            Condition::Task(task("b")),
            Condition::Run(RunId::parse("a").unwrap()),
        ]
    }

    #[test]
    fn who_may_write_may_read_and_who_may_nothing_may_neither() {
        use Scope::{Read, Write};
        for (scope, allowed) in [
            (None, [false, false]),
            (Some(Read), [true, false]),
            (Some(Write), [true, true]),
        ] {
            let grant = Grant::of(scope);
            assert_eq!(Scope::ALL.map(|needed| grant.allows(needed)), allowed);
        }
        assert!(Scope::ALL.iter().all(|scope| Grant::full().allows(*scope)));
    }

    #[test]
    fn the_widest_scope_of_a_list_counts_and_foreign_words_do_not() {
        for (list, expected) in [
            ("webhooks:read", Some(Scope::Read)),
            ("webhooks:write", Some(Scope::Write)),
            ("webhooks:write webhooks:read", Some(Scope::Write)),
            ("openid  webhooks:read profile", Some(Scope::Read)),
            ("openid profile", None),
            ("", None),
            ("webhooks", None),
            ("webhooks:*", None),
            ("WEBHOOKS:READ", None),
            ("webhooks:read,webhooks:write", None),
            ("webhooks:read\twebhooks:write", None),
        ] {
            assert_eq!(Scope::widest_of(list), expected, "{list:?}");
        }
    }

    #[test]
    fn a_scope_is_read_back_as_it_is_written() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.name()), Ok(scope));
        }
        let error = Scope::parse("admin").unwrap_err().to_string();
        let expected = "\"admin\" is no scope: webhooks:read or webhooks:write";
        assert_eq!(error, expected);
    }

    #[test]
    fn a_limit_covers_its_own_page_and_nothing_else() {
        let limited = |actor, task| Grant::full().limited_to(actor, task).unwrap();
        for (grant, covered) in [
            (limited(None, None), [true; 5]),
            (
                limited(Some(actor("a")), None),
                [true, false, false, false, false],
            ),
            (
                limited(None, Some(task("a"))),
                [false, false, true, false, false],
            ),
        ] {
            assert_eq!(conditions().map(|place| grant.covers(&place)), covered);
        }
        let both = Grant::full().limited_to(Some(actor("a")), Some(task("a")));
        assert_eq!(both, Err(TwoPages));
    }
}
