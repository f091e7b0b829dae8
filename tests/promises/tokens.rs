//! API tokens, created and revoked as an operator does it: with `cargo token`, in a shell that has
//! read what `cargo local` wrote for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use local::binaries::{self, Target};
use local::env_file;
use serde_json::json;

use crate::stage::Stage;

const USER: &str = "aUserOfThePlatform";

/// Whoever has the platform's environment in a shell.
struct Operator {
    program: PathBuf,
    environment: PathBuf,
}

impl Operator {
    /// The operator of this platform; `name` is that of the test.
    async fn of(stage: &Stage, name: &str) -> Self {
        let token = Target::Example("token".to_owned());
        let mut built = binaries::build([token.clone()].into(), false)
            .await
            .expect("it builds");
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        env_file::write(&stage.platform, &directory).expect("files");
        Self {
            program: built.remove(&token).expect("a program"),
            environment: directory.join("env"),
        }
    }

    /// What `cargo token` prints.
    fn token(&self, arguments: &[&str]) -> String {
        let output = self.try_token(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("a text")
    }

    fn try_token(&self, arguments: &[&str]) -> Output {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", r#". "$0" && exec "$@""#])
            .arg(&self.environment)
            .arg(&self.program)
            .args(arguments);
        shell.output().expect("a shell")
    }

    /// A new token of the user: a single word.
    fn create(&self, note: &str) -> String {
        let printed = self.token(&["create", USER, "--note", note]);
        let token = printed.strip_suffix('\n').expect("a line");
        assert!(token.bytes().all(|byte| byte.is_ascii_graphic()), "{token}");
        token.to_owned()
    }

    /// The id and the note of each of the user's tokens.
    fn list(&self) -> Vec<(String, String)> {
        let printed = self.token(&["list", USER]);
        let lines = printed.lines().map(|line| line.splitn(5, "  "));
        lines
            .map(|mut cells| {
                let mut cell = || cells.next().expect("a cell").to_owned();
                let (id, _created_at, _end, _scope) = (cell(), cell(), cell(), cell());
                (id, cell())
            })
            .collect()
    }
}

impl Stage {
    async fn status_with(&self, token: &str) -> u16 {
        self.api_as(token, "GET", "/v2/webhooks", None).await.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_token_of_a_user_works_until_the_moment_it_is_revoked() {
    let stage = Stage::new().await;
    let operator = Operator::of(&stage, "tokens-revoked").await;
    let (first, second) = (operator.create("of the CI"), operator.create("of a laptop"));
    let definition = json!({
        "eventTypes": ["ACTOR.RUN.FAILED"], "condition": {"actorId": "actor1"}, "requestUrl": "https://example.com/",
    });
    let (status, created) = stage
        .api_as(&first, "POST", "/v2/webhooks", Some(&definition))
        .await;
    assert_eq!((status, &created["data"]["userId"]), (201, &json!(USER)));
    let (_, list) = stage.api_as(&second, "GET", "/v2/webhooks", None).await;
    assert_eq!(list["data"]["items"][0]["id"], created["data"]["id"]);

    let tokens = operator.list();
    let [(id, note), (_, other)] = &tokens[..] else {
        panic!("two tokens: {tokens:?}")
    };
    assert_eq!(
        (note.as_str(), other.as_str()),
        ("of the CI", "of a laptop")
    );
    operator.token(&["revoke", id]);
    assert_eq!(stage.status_with(&first).await, 401);
    assert_eq!(stage.status_with(&second).await, 200);
    assert_eq!(operator.list(), tokens[1..]);

    // By the secret itself, for whoever has no list at hand.
    operator.token(&["revoke", &second]);
    assert_eq!(stage.status_with(&second).await, 401);
    assert_eq!(operator.list(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_can_allow_less_and_come_to_an_end() {
    let stage = Stage::new().await;
    let operator = Operator::of(&stage, "tokens-terms").await;
    let create = |options: &[&str]| {
        let printed = operator.token(&[["create", USER].as_slice(), options].concat());
        printed.trim_end().to_owned()
    };
    let (reader, brief) = (
        create(&["--scope", "webhooks:read", "--note", "of a dashboard"]),
        create(&["--expires-in-days", "2"]),
    );
    let listed = operator.token(&["list", USER]);
    let rest: Vec<_> = listed.lines().map(|line| &line[64..]).collect();
    assert!(
        rest[0].ends_with("Z  -  webhooks:read  of a dashboard"),
        "{listed}"
    );
    assert!(rest[1].ends_with("Z  -"), "{listed}");
    assert_eq!(rest[1].matches("Z  ").count(), 2, "{listed}");

    assert_eq!(stage.status_with(&reader).await, 200);
    let definition = json!({"eventTypes": ["TEST"], "condition": {"actorId": "a"}, "requestUrl": "https://example.com/"});
    let define = |token: String| {
        let (stage, definition) = (&stage, &definition);
        async move {
            stage
                .api_as(&token, "POST", "/v2/webhooks", Some(definition))
                .await
        }
    };
    let (status, refused) = define(reader.clone()).await;
    assert_eq!(
        (status, &refused["error"]["type"]),
        (403, &json!("insufficient-permissions"))
    );
    assert_eq!(define(brief.clone()).await.0, 201);

    let day = Duration::from_secs(24 * 60 * 60);
    stage.platform.advance(day).expect("time passes");
    assert_eq!(stage.status_with(&brief).await, 200);
    stage.platform.advance(day).expect("time passes");
    assert_eq!(stage.status_with(&brief).await, 401);
    assert_eq!(stage.status_with(&reader).await, 200);
    // An operator can end it all the same.
    operator.token(&["revoke", &brief]);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_table_nor_the_list_shows_a_token() {
    let stage = Stage::new().await;
    let operator = Operator::of(&stage, "tokens-hidden").await;
    let token = operator.create("secret");
    let listed = operator.token(&["list", USER]);
    let table = &stage.platform.endpoints().tables["WebhooksTable"];
    let scan = stage.dynamodb.scan().table_name(table).send().await;
    let stored = format!("{:?}", scan.expect("a table").items());
    let (id, _) = &operator.list()[0];
    for place in [stored, listed] {
        assert!(place.contains(id) && !place.contains(&token), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said_in_one_line() {
    let stage = Stage::new().await;
    let operator = Operator::of(&stage, "tokens-refused").await;
    for (arguments, complaint) in [
        (
            ["revoke", "no-such-token"].as_slice(),
            "error: there is no token with the id ",
        ),
        (
            &["list", USER, "--table", "no-such-table"],
            "error: list tokens: ResourceNotFoundException",
        ),
    ] {
        let output = operator.try_token(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with(complaint), "{said}");
        assert_eq!(
            (said.lines().count(), output.stdout.len()),
            (1, 0),
            "{said}"
        );
    }
}
