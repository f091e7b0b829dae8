//! The function's process: reads its environment, connects, and handles batches.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use deliver::{Config, Deliver};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

// One thread: Lambda gives a function of this size a fraction of a CPU, and more threads take a
// tenth of the start and a fifth of the work.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let aws = runtime::aws::connect().await?;
    let deliver = &Arc::new(Deliver::new(&aws, config)?);
    run(service_fn(|batch: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(deliver.handle(batch).await)
    }))
    .await
}
