//! A function that may run only once at a time, and is held in the middle of that.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use local::binaries::checkout;
use local::lambda::Sandbox;
use local::lambda::invocation::Outcome;
use local::options::Options;

use crate::stage::Stage;

/// An invocation that does not end.
pub(super) struct Held {
    sandbox: Arc<Sandbox>,
    invocation: Pin<Box<dyn Future<Output = Outcome>>>,
}

/// A platform on which a function may run once at a time.
pub(super) async fn stage_with_one(function: &str) -> Stage {
    let template = checkout().join("infra/template.yaml");
    let template = std::fs::read_to_string(template).unwrap();
    let uri = format!("      CodeUri: ../functions/{function}\n");
    assert!(template.contains(&uri), "{function} is not in the template");
    let reserved = format!("{uri}      ReservedConcurrentExecutions: 1\n");
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("one-{function}.yaml"));
    std::fs::write(&file, template.replace(&uri, &reserved)).unwrap();
    let options = Options {
        template: file,
        clock_moves: true,
        quiet: true,
        ..Options::default()
    };
    Stage::on(options).await
}

impl Held {
    /// Begins an invocation of a function, and stops it where it is.
    pub(super) async fn begin(stage: &Stage, function: &str) -> Self {
        let payload = r#"{"Records":[]}"#;
        stage.platform.invoke(function, payload).await.unwrap();
        let function = Arc::clone(stage.platform.function(function).unwrap());
        let sandbox = function.sandbox(1).expect("its first sandbox");
        sandbox.stand_still();
        let mut invocation: Pin<Box<dyn Future<Output = Outcome>>> =
            Box::pin(async move { function.invoke(payload.into()).await });
        assert!(futures::poll!(&mut invocation).is_pending());
        Held {
            sandbox,
            invocation,
        }
    }

    /// Lets it come to its end.
    pub(super) async fn end(self) {
        self.sandbox.go_on();
        self.invocation.await;
    }
}
