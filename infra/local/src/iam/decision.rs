//! Whether a call may be made.

use std::fmt;

use super::statement::{Effect, Naming, Statement, is_of_this_account};
use super::{Ask, Principal};

/// Why a call may not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// No statement of the caller's own allows it.
    NotAllowed,
    /// The resource's policy does not let in a caller of another account.
    NotAllowedByResource,
    /// A statement of the caller's own denies it.
    Explicit,
    /// A statement of the resource's policy denies it.
    ExplicitOfResource,
}

/// Decides on a call. `own` are the caller's own statements; `None`: an administrator of its
/// account, who may do what that account may. `of_resource` is the policy of what is called.
pub(crate) fn decide(
    ask: &Ask,
    caller: &Principal,
    own: Option<&[Statement]>,
    of_resource: &[Statement],
) -> Result<(), Denial> {
    let covering = |effect: Effect| {
        move |statement: &&Statement| statement.effect == effect && statement.covers(ask)
    };
    if own
        .unwrap_or_default()
        .iter()
        .any(|one| covering(Effect::Deny)(&one))
    {
        return Err(Denial::Explicit);
    }
    let mut denying = of_resource.iter().filter(covering(Effect::Deny));
    if denying.any(|statement| statement.names(caller).is_some()) {
        return Err(Denial::ExplicitOfResource);
    }
    let own_allows = own.is_none_or(|own| own.iter().any(|one| covering(Effect::Allow)(&one)));
    let allowing = of_resource.iter().filter(covering(Effect::Allow));
    let namings: Vec<_> = allowing
        .filter_map(|statement| statement.names(caller))
        .collect();
    match is_of_this_account(caller) {
        true if own_allows || namings.contains(&Naming::Directly) => Ok(()),
        // Across accounts both have to agree.
        false if own_allows && !namings.is_empty() => Ok(()),
        false if own_allows => Err(Denial::NotAllowedByResource),
        _ => Err(Denial::NotAllowed),
    }
}

impl Denial {
    /// The end of AWS's message about it.
    pub(crate) fn reason(self, action: &str) -> String {
        match self {
            Denial::NotAllowed => {
                format!("because no identity-based policy allows the {action} action")
            }
            Denial::NotAllowedByResource => {
                format!("because no resource-based policy allows the {action} action")
            }
            Denial::Explicit => "with an explicit deny in an identity-based policy".to_owned(),
            Denial::ExplicitOfResource => {
                "with an explicit deny in a resource-based policy".to_owned()
            }
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Denial::NotAllowed => "its role does not allow it",
            Denial::NotAllowedByResource => "the resource's policy does not allow it",
            Denial::Explicit => "its role denies it",
            Denial::ExplicitOfResource => "the resource's policy denies it",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

    fn statements(statements: Value) -> Vec<Statement> {
        Statement::all_of(&json!({"Statement": statements})).unwrap()
    }

    fn sends() -> Ask {
        Ask::new("sqs:SendMessage", QUEUE)
    }

    fn caller(account: &str, name: &str) -> Principal {
        Principal::by_arn(&format!("arn:aws:iam::{account}:role/{name}"))
    }

    #[test]
    fn a_role_may_do_what_it_names_and_nothing_else() {
        let own = statements(json!([
            {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": QUEUE},
            {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "arn:aws:dynamodb:us-east-1:000000000000:table/a"},
            {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "*"},
        ]));
        let me = caller("000000000000", "me");
        let decide = |action: &str, resource: &str| {
            decide(&Ask::new(action, resource), &me, Some(&own), &[])
        };
        let table = |name: &str| format!("arn:aws:dynamodb:us-east-1:000000000000:table/{name}");
        assert_eq!(decide("sqs:SendMessage", QUEUE), Ok(()));
        assert_eq!(decide("SQS:sendmessage", QUEUE), Ok(()));
        assert_eq!(decide("sqs:DeleteMessage", QUEUE), Err(Denial::NotAllowed));
        assert_eq!(
            decide("sqs:SendMessage", &format!("{QUEUE}2")),
            Err(Denial::NotAllowed)
        );
        assert_eq!(decide("dynamodb:BatchWriteItem", &table("a")), Ok(()));
        assert_eq!(
            decide("dynamodb:BatchWriteItem", &table("b")),
            Err(Denial::NotAllowed)
        );
        assert_eq!(
            decide("dynamodb:PutItem", &table("a")),
            Err(Denial::Explicit)
        );
    }

    #[test]
    fn a_queue_lets_in_whom_its_policy_names() {
        let policy = statements(json!([
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/platform"}, "Action": "sqs:SendMessage", "Resource": QUEUE},
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE,
             "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:role/platform", "arn:aws:iam::000000000000:role/api"]}}},
        ]));
        let decide = |account: &str, name: &str, own: Option<&[Statement]>| {
            let caller = caller(account, name);
            let ask = sends().with("aws:PrincipalArn", vec![caller.arn.clone()]);
            decide(&ask, &caller, own, &policy)
        };
        assert_eq!(decide("111122223333", "platform", None), Ok(()));
        assert_eq!(decide("000000000000", "api", None), Ok(()));
        assert_eq!(
            decide("000000000000", "api", Some(&[])),
            Err(Denial::NotAllowed)
        );
        for (account, name) in [("000000000000", "other"), ("111122223333", "other")] {
            assert_eq!(
                decide(account, name, None),
                Err(Denial::ExplicitOfResource),
                "{account} {name}"
            );
        }
    }

    #[test]
    fn another_account_needs_the_resource_to_let_it_in() {
        let of_account = statements(json!([
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sqs:*", "Resource": "*"},
        ]));
        let ours = caller("000000000000", "me");
        assert_eq!(decide(&sends(), &ours, None, &of_account), Ok(()));
        // The account as a whole is let in; its own policies decide who.
        assert_eq!(
            decide(&sends(), &ours, Some(&[]), &of_account),
            Err(Denial::NotAllowed)
        );
        let theirs = caller("111122223333", "me");
        assert_eq!(
            decide(&sends(), &theirs, None, &of_account),
            Err(Denial::NotAllowedByResource)
        );
        let everyone = statements(json!(
            {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
        ));
        assert_eq!(decide(&sends(), &theirs, None, &everyone), Ok(()));
        assert_eq!(decide(&sends(), &ours, Some(&[]), &everyone), Ok(()));
    }
}
