//! `?method=`: a request that is treated as if it had been sent with another method, for callers
//! that can only send GET or POST.

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::fields::FieldError;

use crate::error::{ApiError, excerpt};
use crate::query::parameter;

const PARAMETER: &str = "method";

/// The methods that can be asked for: all that some endpoint has.
const METHODS: [Method; 5] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::DELETE,
];

/// Passes the request on with the method that its query asks for. Must be outside of the router:
/// inside, the method has been used already.
pub(crate) async fn honour(mut request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    match asked_for(&request) {
        Ok(Some(method)) => *request.method_mut() = method,
        Ok(None) => {}
        Err(error) => return ApiError::Parameter(error).into_response(),
    }
    let response = next.run(request).await;
    // What is asked for is answered, but on the way it stays an answer to HEAD.
    if is_head {
        response.map(|_| Body::empty())
    } else {
        response
    }
}

fn asked_for(request: &Request) -> Result<Option<Method>, FieldError> {
    let Some(asked) = parameter(request.uri(), PARAMETER) else {
        return Ok(None);
    };
    let known = METHODS
        .into_iter()
        .find(|method| asked.eq_ignore_ascii_case(method.as_str()));
    known.map(Some).ok_or_else(|| {
        let (known, found) = (METHODS.map(|method| method.to_string()), excerpt(&asked));
        let known = known.join(", ");
        FieldError::new(
            PARAMETER,
            format_args!("expected one of {known}, found {found:?}"),
        )
    })
}
