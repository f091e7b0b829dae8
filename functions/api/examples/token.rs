//! `cargo token`: an operator creates, lists and revokes the API tokens of a user.
//!
//! It connects as the functions do, with the credentials, region and endpoints in its environment.
//! An example, because cargo-lambda takes every binary of a workspace for a function.

use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, Subcommand};
use domain::api_token::{ApiToken, Terms, TokenId};
use domain::grant::Scope;
use domain::id::UserId;
use runtime::environment::Environment;
use runtime::{aws, chance, clock};
use store::{Store, Tables, Token};

/// Where the table's name is looked for: the variable that the functions have it in.
const TABLE: &str = "WEBHOOKS_TABLE";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Whoever has this in the environment has credentials there.
const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";

/// Creates, lists and revokes the tokens that users show to the API.
#[derive(Parser)]
#[command(name = "cargo token", bin_name = "cargo token", version)]
struct Arguments {
    /// The table of webhooks and tokens [default: the one that the variable WEBHOOKS_TABLE names]
    #[arg(long, global = true, value_name = "NAME")]
    table: Option<String>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints a new token of a user. It is not shown again
    Create {
        /// The user's id on the platform
        #[arg(value_parser = UserId::parse)]
        user: UserId,

        /// What the token is for, to tell it from others in the list
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        note: Option<String>,

        /// What it is to allow: webhooks:read, or webhooks:write, which allows reading, too
        /// [default: everything]
        #[arg(long, value_name = "SCOPE", value_parser = Scope::parse)]
        scope: Option<Scope>,

        /// After how many days it is refused [default: never]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
        expires_in_days: Option<u32>,
    },
    /// Prints the tokens of a user, the oldest first: id, time of creation, time of expiry or -,
    /// scope or -, note
    List {
        /// The user's id on the platform
        #[arg(value_parser = UserId::parse)]
        user: UserId,
    },
    /// Ends a token at once
    Revoke {
        /// The token's id, as the list shows it, or the token itself
        #[arg(value_name = "TOKEN-OR-ID", value_parser = id_of)]
        token: TokenId,
    },
}

/// Bad usage ends the process with 2, anything else that goes wrong with 1.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match carry_out(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let store = store(arguments.table).await?;
    match arguments.command {
        Command::Create {
            user,
            note,
            scope,
            expires_in_days,
        } => {
            let lives = |days| DAY * days;
            create(&store, &user, note, scope, expires_in_days.map(lives)).await
        }
        Command::List { user } => list(&store, &user).await,
        Command::Revoke { token } => revoke(&store, &token).await,
    }
}

async fn store(table: Option<String>) -> Result<Store, Box<dyn Error>> {
    let mut environment = Environment::of_process();
    let table = table.or_else(|| environment.text(TABLE));
    let tables = Tables {
        webhooks: table.ok_or_else(|| format!("no table: pass --table, or set {TABLE}"))?,
        // No token is there.
        dispatches: String::new(),
    };
    if environment.text(ACCESS_KEY).is_none() {
        return Err(format!("no credentials: {ACCESS_KEY} is not set").into());
    }
    Ok(Store::new(&aws::connect().await?, tables))
}

async fn create(
    store: &Store,
    user: &UserId,
    note: Option<String>,
    scope: Option<Scope>,
    life: Option<Duration>,
) -> Result<(), Box<dyn Error>> {
    let secret = ApiToken::from_bytes(chance::bytes()?);
    let now = clock::now();
    let token = Token {
        id: secret.id(),
        created_at: now,
        note,
        terms: Terms {
            scope,
            expires_at: life.map(|life| now.after(life)),
        },
    };
    store.create_token(user, &token).await?;
    print(secret.reveal());
    say(&format!(
        "This is the only time that the token of {user} is shown. Its id is {}",
        token.id
    ));
    Ok(())
}

async fn list(store: &Store, user: &UserId) -> Result<(), Box<dyn Error>> {
    for token in store.tokens(user).await? {
        let Token { id, created_at, .. } = &token;
        let end = token.terms.expires_at.map(|end| end.to_string());
        let end = end.as_deref().unwrap_or("-");
        let scope = token.terms.scope.map_or("-", Scope::name);
        let note = token.note.as_deref().unwrap_or_default();
        print(format!("{id}  {created_at}  {end}  {scope}  {note}").trim_end());
    }
    Ok(())
}

async fn revoke(store: &Store, id: &TokenId) -> Result<(), Box<dyn Error>> {
    let user = store.revoke_token(id).await?;
    let user = user.ok_or_else(|| format!("there is no token with the id {id}"))?;
    say(&format!("revoked the token {id} of {user}"));
    Ok(())
}

/// What is no id is a token: none of ours looks like an id.
fn id_of(text: &str) -> Result<TokenId, Infallible> {
    Ok(TokenId::parse(text).unwrap_or_else(|_| TokenId::of(text)))
}

/// For whoever takes the answer: a variable, a pipe.
#[expect(clippy::print_stdout, reason = "this is what was asked for")]
fn print(line: &str) {
    println!("{line}");
}

/// For the human at the terminal.
#[expect(
    clippy::print_stderr,
    reason = "what was asked for stands alone on the standard output"
)]
fn say(line: &str) {
    eprintln!("{line}");
}
