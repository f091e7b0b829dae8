//! The function's process: reads its environment, connects, and answers requests.

use api::{Api, Config};
use lambda_http::Error;

// One thread: Lambda gives a function of this size a fraction of a CPU, and more threads take a tenth of the start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let aws = runtime::aws::connect().await?;
    lambda_http::run(Api::new(&aws, config).router()).await
}
