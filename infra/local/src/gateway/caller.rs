//! Who calls: the access key of the request's signature. A sandbox's is made by the Lambda host,
//! `<short name>-<sandbox number>`.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

/// The maker of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Caller {
    /// The function's short name, or the whole access key of anyone else.
    pub(super) name: String,
    /// The number of the function's sandbox.
    pub(super) number: Option<u32>,
}

impl Caller {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let authorization = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let key = authorization.and_then(access_key).unwrap_or_default();
        let sandbox = Some(key)
            // An ARN may end with a number, too.
            .filter(|key| !key.starts_with("arn:"))
            .and_then(|key| key.rsplit_once('-'))
            .and_then(|(name, number)| Some((name, number.parse().ok()?)));
        match sandbox {
            Some((name, number)) => Caller {
                name: name.to_owned(),
                number: Some(number),
            },
            None => Caller {
                name: key.to_owned(),
                number: None,
            },
        }
    }
}

fn access_key(authorization: &str) -> Option<&str> {
    let (_, credential) = authorization.split_once("Credential=")?;
    let credential = credential.split(',').next()?;
    // Date, region, service and a constant come behind it, and it may be an ARN with slashes of its
    // own.
    credential.trim().rsplitn(5, '/').nth(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(authorization: &str) -> Caller {
        let headers = [(AUTHORIZATION, authorization.parse().unwrap())];
        Caller::of(&HeaderMap::from_iter(headers))
    }

    #[test]
    fn a_sandbox_is_known_by_its_access_key() {
        let signed = "AWS4-HMAC-SHA256 Credential=slow-ingest-12/20261101/us-east-1/sqs/aws4_request, Signature=00";
        let expected = Caller {
            name: "slow-ingest".into(),
            number: Some(12),
        };
        assert_eq!(caller(signed), expected);
    }

    #[test]
    fn anyone_else_is_known_by_the_whole_key_or_not_at_all() {
        let signed = "AWS4-HMAC-SHA256 Credential=me/20261101/us-east-1/sqs/aws4_request";
        assert_eq!(
            caller(signed),
            Caller {
                name: "me".into(),
                number: None
            }
        );
        let signed = "AWS4-HMAC-SHA256 Credential=arn:aws:iam::111122223333:role/path/platform-2/20261101/us-east-1/sqs/aws4_request, SignedHeaders=host";
        assert_eq!(
            caller(signed),
            Caller {
                name: "arn:aws:iam::111122223333:role/path/platform-2".into(),
                number: None
            }
        );
        assert_eq!(
            caller("Bearer x"),
            Caller {
                name: String::new(),
                number: None
            }
        );
    }
}
