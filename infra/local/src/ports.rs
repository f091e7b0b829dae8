//! The six doors of a platform, all on loopback.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail};
use tokio::net::TcpListener;

use crate::aws::STACK;
use crate::template::Site;

/// Listeners that are bound, before anything answers.
pub(crate) struct Ports {
    pub(crate) api: TcpListener,
    pub(crate) dynamodb: TcpListener,
    pub(crate) sqs: TcpListener,
    pub(crate) lambda: TcpListener,
    pub(crate) secrets_manager: TcpListener,
    pub(crate) control_plane: TcpListener,
}

impl Ports {
    /// Six ports in a row from `base`; any that are free without one, or with 0.
    pub(crate) async fn bind(base: Option<u16>) -> Result<Self> {
        Ok(Ports {
            api: listen(base, 0).await?,
            dynamodb: listen(base, 1).await?,
            sqs: listen(base, 2).await?,
            lambda: listen(base, 3).await?,
            secrets_manager: listen(base, 4).await?,
            control_plane: listen(base, 5).await?,
        })
    }

    /// Where the template's references lead.
    pub(crate) fn site(&self) -> Result<Site> {
        Ok(Site {
            stack: STACK.to_owned(),
            api: url_of(&self.api)?,
            sqs: url_of(&self.sqs)?,
        })
    }

    /// Where DynamoDB is.
    pub(crate) fn dynamodb(&self) -> Result<String> {
        url_of(&self.dynamodb)
    }

    /// Where Lambda is.
    pub(crate) fn lambda(&self) -> Result<String> {
        url_of(&self.lambda)
    }

    /// Where Secrets Manager is.
    pub(crate) fn secrets_manager(&self) -> Result<String> {
        url_of(&self.secrets_manager)
    }

    /// Where CloudFormation, CloudWatch and CloudWatch Logs are.
    pub(crate) fn control_plane(&self) -> Result<String> {
        url_of(&self.control_plane)
    }
}

fn url_of(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

async fn listen(base: Option<u16>, offset: u16) -> Result<TcpListener> {
    let port = match base {
        None | Some(0) => 0,
        Some(base) => base
            .checked_add(offset)
            .context("--port-base is too high")?,
    };
    match TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await {
        Ok(listener) => Ok(listener),
        Err(error) => {
            bail!("cannot listen on port {port}: {error}; choose others with --port-base")
        }
    }
}
