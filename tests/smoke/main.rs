//! Where `cargo smoke` cannot prove anything, it says in one sentence what to do, exits with 2, and
//! leaves nothing behind.
#![expect(clippy::expect_used, clippy::panic, reason = "all of this is a test")]

mod front;
mod user;

use local::options::Options;
use local::platform::Platform;

use front::{Front, Override};
use user::User;

/// The stack that a local platform plays.
const STACK: &str = "runhooks";

/// A platform of which only the tables, the queues and the description of the stack matter: nothing
/// is sent that would start a function.
async fn idle_platform() -> Platform {
    let options = Options {
        executables: Options::without_functions().executables,
        ..Options::default()
    };
    Platform::start(options).await.expect("a platform")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_stack_is_named_with_the_region() {
    let platform = idle_platform().await;
    let user = User::of(&platform).await;
    let refusal = user.refusal(&["--stack", "nowhere"]).await;
    assert!(
        refusal.contains("no stack nowhere in us-east-1"),
        "{refusal}"
    );
    user.has_left_nothing(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_region_or_no_credentials_is_told_what_to_set() {
    let platform = idle_platform().await;
    let user = User::of(&platform).await;
    for (variable, expected) in [
        ("AWS_REGION", "no region is set: say --region"),
        (
            "AWS_ACCESS_KEY_ID",
            "there are no AWS credentials that work: log in",
        ),
    ] {
        let refusal = user.without(variable).refusal(&["--stack", STACK]).await;
        assert!(refusal.contains(expected), "{refusal}");
    }
    user.has_left_nothing(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_of_something_else_is_refused_by_the_output_that_it_lacks() {
    let platform = idle_platform().await;
    let description = "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>runhooks</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-27T22:00:00Z</CreationTime></member></Stacks></DescribeStacksResult></DescribeStacksResponse>";
    let front = Front::of(&platform, Override::new("DescribeStacks", 200, description)).await;
    let user = User::of(&platform).await.asking(&front);
    let refusal = user.refusal(&["--stack", STACK]).await;
    assert!(
        refusal.contains("none of Runhooks, or an older one"),
        "{refusal}"
    );
    user.has_left_nothing(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_is_switched_off_is_refused() {
    let platform = Platform::start(Options::without_functions())
        .await
        .expect("a platform");
    let user = User::of(&platform).await;
    let refusal = user.refusal(&["--stack", STACK]).await;
    assert!(
        refusal.contains("deploy it with EventsEnabled=true"),
        "{refusal}"
    );
    user.has_left_nothing(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_the_caller_may_not_make_is_named() {
    let platform = idle_platform().await;
    for action in ["DescribeStacks", "ListStackResources"] {
        let denied = Override::denied(action);
        let front = Front::of(&platform, denied).await;
        let user = User::of(&platform).await.asking(&front);
        let refusal = user.refusal(&["--stack", STACK]).await;
        let expected = format!("may not cloudformation:{action}");
        assert!(refusal.contains(&expected), "{refusal}");
        user.has_left_nothing(&platform).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_without_function_urls_asks_for_a_receiver_of_the_users_own() {
    let platform = Platform::start(Options::default())
        .await
        .expect("a platform");
    let message = "Template format error: Unrecognized resource types: [AWS::Lambda::Url]";
    let front = Front::of(
        &platform,
        Override::refused("CreateStack", "ValidationError", message),
    )
    .await;
    let user = User::of(&platform).await.asking(&front);
    let refusal = user.refusal(&["--stack", STACK, "--deploy-receiver"]).await;
    assert!(
        refusal
            .contains("us-east-1 has no function URLs: name a receiver of yours with --receiver"),
        "{refusal}"
    );
    user.has_left_nothing(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_deploy_the_receiver_is_told_so_and_leaves_no_token() {
    let platform = Platform::start(Options::default())
        .await
        .expect("a platform");
    let front = Front::of(&platform, Override::denied("CreateStack")).await;
    let user = User::of(&platform).await.asking(&front);
    let refusal = user.refusal(&["--stack", STACK, "--deploy-receiver"]).await;
    assert!(
        refusal.contains("may not cloudformation:CreateStack"),
        "{refusal}"
    );
    user.has_left_nothing(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_cannot_be_reached_is_named_with_the_reason() {
    let platform = Platform::start(Options::default())
        .await
        .expect("a platform");
    let user = User::of(&platform).await;
    // Bound, but not listening: whoever connects is refused, and nobody else gets the address.
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/hook", nobody.local_addr().unwrap());
    let refusal = user.refusal(&["--stack", STACK, "--receiver", &url]).await;
    assert!(refusal.contains(&url), "{refusal}");
    assert!(
        refusal.contains("No connection to the endpoint could be made"),
        "{refusal}"
    );
    user.has_left_nothing(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_not_public_is_refused_by_the_stack() {
    let platform = Platform::start(Options {
        allowed_targets: Vec::new(),
        ..Options::default()
    })
    .await
    .expect("a platform");
    let user = User::of(&platform).await;
    let refusal = user
        .refusal(&["--stack", STACK, "--receiver", "http://127.0.0.1:9/"])
        .await;
    assert!(refusal.contains("name one that is public"), "{refusal}");
    user.has_left_nothing(&platform).await;
}
