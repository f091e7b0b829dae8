//! The function's process: reads its environment, connects, and answers requests.

use api::{Api, Config, Event};
use lambda_http::{Adapter, Error, LambdaEvent, Service, lambda_runtime, service_fn};

// One thread: Lambda gives a function of this size a fraction of a CPU, and more threads take a
// tenth of the start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let aws = runtime::aws::connect().await?;
    let adapter = Adapter::from(Api::new(&aws, config).router());
    let answer = |event: LambdaEvent<Event>| {
        let event = LambdaEvent::new(event.payload.into_request(), event.context);
        adapter.clone().call(event)
    };
    lambda_runtime::run(service_fn(answer)).await
}
