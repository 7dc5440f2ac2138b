//! A sandbox that serves in the background.

use std::net::{Ipv4Addr, SocketAddr};

use eci_text::{In, Lang, Text, messages};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::engine::open_error::OpenError;
use crate::sandbox::SimulatedCloud;

/// An error of starting a sandbox.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The sandbox cannot be opened.
    Open(OpenError),
    /// The port cannot be opened.
    NotListening {
        /// The operating system's reason.
        cause: std::io::Error,
    },
}

messages! { StartError:
    StartError::Open(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    StartError::NotListening { cause } =>
        en("the sandbox failed to listen on 127.0.0.1: {}", In(cause, Lang::En)),
        zh("沙箱监听 127.0.0.1 失败：{}", In(cause, Lang::Zh));
}

impl StartError {
    /// Returns the remedy, if there is one.
    pub fn help(&self) -> Option<Text> {
        match self {
            StartError::Open(error) => error.help(),
            StartError::NotListening { .. } => None,
        }
    }
}

impl From<OpenError> for StartError {
    fn from(error: OpenError) -> StartError {
        StartError::Open(error)
    }
}

/// A sandbox that serves on this machine until it is stopped or dropped.
#[derive(Debug)]
pub struct SandboxServer {
    sandbox: SimulatedCloud,
    address: SocketAddr,
    /// `None` once it was waited for.
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

impl SimulatedCloud {
    /// Opens a sandbox and serves it at a free port of 127.0.0.1, in a separate task.
    ///
    /// Cancel safe: a sandbox that was dropped half-way serves nothing and is closed.
    ///
    /// # Errors
    ///
    /// If the sandbox or the port cannot be opened.
    pub async fn start(config: Config) -> Result<SandboxServer, StartError> {
        let sandbox = SimulatedCloud::open(config)?;
        SandboxServer::of(sandbox).await
    }
}

impl SandboxServer {
    /// Serves a sandbox that is open already at a free port of 127.0.0.1.
    ///
    /// Cancel safe: a sandbox that was dropped half-way serves nothing.
    ///
    /// # Errors
    ///
    /// If the port cannot be opened.
    pub async fn of(sandbox: SimulatedCloud) -> Result<SandboxServer, StartError> {
        let not_listening = |cause| StartError::NotListening { cause };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(not_listening)?;
        SandboxServer::at(sandbox, listener)
    }

    /// Serves a sandbox that is open already at that address.
    ///
    /// # Errors
    ///
    /// If the address of the listener cannot be determined.
    pub fn at(sandbox: SimulatedCloud, listener: TcpListener) -> Result<SandboxServer, StartError> {
        let not_listening = |cause| StartError::NotListening { cause };
        let address = listener.local_addr().map_err(not_listening)?;
        let served = sandbox.clone();
        let serving = tokio::spawn(async move { served.serve(listener).await });
        Ok(SandboxServer {
            sandbox,
            address,
            serving: Some(serving),
        })
    }

    /// Returns the address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL at which it listens, for example `http://127.0.0.1:40123`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the sandbox itself.
    pub fn sandbox(&self) -> &SimulatedCloud {
        &self.sandbox
    }

    /// Stops serving, and comes back when all connections are closed and, if no other handle
    /// of the sandbox is left, its world is on disk and the database is closed.
    ///
    /// Cancel safe: dropping the future ends only the waiting.
    pub async fn stop(mut self) {
        self.sandbox.shutdown();
        if let Some(serving) = self.serving.take() {
            match serving.await {
                Ok(Ok(())) => {}
                Ok(Err(cause)) => tracing::error!(%cause, "the sandbox has stopped listening"),
                Err(cause) => tracing::error!(%cause, "the sandbox's server has failed"),
            }
        }
        // The last handle waits for the disk, which must not hold up other tasks.
        if let Err(cause) = tokio::task::spawn_blocking(move || drop(self)).await {
            tracing::error!(%cause, "the sandbox could not be closed");
        }
    }
}

impl Drop for SandboxServer {
    fn drop(&mut self) {
        self.sandbox.shutdown();
    }
}
