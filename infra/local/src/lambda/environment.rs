//! The environment of a function's process: what Lambda gives it, what the template gives it, and
//! nothing of this machine but PATH.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::Surroundings;
use crate::aws::REGION;
use crate::template;

/// The variables of every sandbox of a function.
pub(super) fn of_function(
    settings: &template::Function,
    surroundings: &Surroundings,
) -> BTreeMap<String, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let of_lambda = [
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            settings.memory_megabytes.to_string(),
        ),
        ("AWS_LAMBDA_FUNCTION_NAME", settings.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("PATH", path.to_string_lossy().into_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
    ];
    let mut environment = settings.environment.clone();
    environment.extend(surroundings.environment.clone());
    environment.extend(of_lambda.map(|(name, value)| (name.to_owned(), value)));
    environment
}

/// What differs from sandbox to sandbox. The access key names it, so that the endpoints can tell
/// who calls.
pub(super) fn of_sandbox(
    function: &str,
    number: u32,
    runtime_api: SocketAddr,
) -> [(&'static str, String); 3] {
    [
        ("AWS_ACCESS_KEY_ID", format!("{function}-{number}")),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
    ]
}
