//! The function's process: reads its environment, connects, and answers requests.

use api::{Api, Config};
use lambda_http::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let aws = runtime::aws::connect().await?;
    lambda_http::run(Api::new(&aws, config).router()).await
}
