//! The function's process: reads its environment, connects, and sweeps when it is invoked.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use runtime::clock;
use serde::de::IgnoredAny;
use sweep::{Config, Sweep, TimeLimit};

// One thread: Lambda gives a function of this size a fraction of a CPU.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let aws = runtime::aws::connect().await?;
    let sweep = &Sweep::new(&aws, config);
    run(service_fn(|tick: LambdaEvent<IgnoredAny>| async move {
        let limit = TimeLimit::of(clock::left_until(tick.context.deadline));
        Ok::<_, Error>(sweep.run(clock::now(), &limit).await?)
    }))
    .await
}
