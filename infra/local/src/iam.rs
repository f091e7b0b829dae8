//! IAM as far as the template uses it: what its roles and queue policies allow, asked for by action
//! and resource at every call.
//!
//! An explicit denial counts more than any allowance, and what nothing allows is denied. Elements
//! that are not played (`NotAction`, managed policies, unknown operators and condition keys) are
//! refused when the template is read: a policy that is half understood would be kinder or stricter
//! than AWS.

mod condition;
mod decision;
mod pattern;
mod statement;

use std::collections::BTreeMap;
use std::fmt;

pub use decision::Denial;
pub(crate) use decision::decide;
pub use statement::{Effect, Statement};

use crate::aws::ACCOUNT;

/// What a call wants to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    /// The action that IAM checks, such as `dynamodb:PutItem`.
    pub action: String,
    /// The ARN of what it is done to.
    pub resource: String,
    /// The values of condition keys that the request itself has, by the key in lower case.
    pub context: BTreeMap<String, Vec<String>>,
}

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    /// The ARN of the user or role; `aws:PrincipalArn`.
    pub(crate) arn: String,
    /// What an error calls it: of a role, its session.
    pub(crate) session: String,
}

impl Ask {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Ask {
            action: action.into(),
            resource: resource.into(),
            context: BTreeMap::new(),
        }
    }

    /// The same with the values of a condition key; without any values, the key is absent.
    pub(crate) fn with(mut self, key: &str, values: Vec<String>) -> Self {
        if !values.is_empty() {
            self.context.insert(key.to_lowercase(), values);
        }
        self
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} on {}", self.action, self.resource)
    }
}

impl Principal {
    /// A user or role by its ARN.
    pub(crate) fn by_arn(arn: &str) -> Self {
        Principal {
            arn: arn.to_owned(),
            session: arn.to_owned(),
        }
    }

    /// A function that has assumed its role.
    pub(crate) fn of_function(role_arn: &str, function: &str) -> Self {
        let role = role_arn.rsplit('/').next().unwrap_or(role_arn);
        Principal {
            arn: role_arn.to_owned(),
            session: format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{function}"),
        }
    }

    /// The account that it belongs to.
    pub(crate) fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }
}
