//! The deliveries of a batch are read in portions, and each is begun when there is memory for it
//! ([`crate::memory`]).

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use domain::delivery_message::DeliveryMessage;
use domain::dispatch::Dispatch;
use domain::id::UserId;
use domain::webhook::Webhook;
use store::{Load, StoreError};

use crate::Deliver;
use crate::asked::{Asked, BatchContext};
use crate::endpoint::{Destination, Destinations};
use crate::memory::Share;
use crate::recorder::UnderWay;
use crate::report::Begun;
use crate::shared_event::SharedEvent;

/// How many messages are read at the same time: at first as many as the fast lane has, then as many
/// as one call reads, and few once they have turned out to be heavy. While it is read, and until
/// all of it is begun, a portion takes memory beside that which is shared out.
const FIRST: usize = 10;
const MOST: usize = 33;
const HEAVY: usize = 5;
/// What takes more than this is heavy, in bytes.
const LIGHT: usize = 2 * 1024 * 1024;
/// What a delivery takes besides its texts: its task, its connection, its headers.
pub(crate) const OVERHEAD: usize = 64 * 1024;

/// Messages that are read together.
#[derive(Default)]
pub(crate) struct Portion(pub(crate) Vec<Asked>);

/// What one message has led to.
pub(crate) struct Loaded {
    pub(crate) webhook: Option<Arc<Webhook>>,
    pub(crate) event: Option<Arc<SharedEvent>>,
    pub(crate) dispatch: Option<Dispatch>,
    pub(crate) destination: Option<Destination>,
    /// The memory for all of it but the event, and for the request.
    pub(crate) share: Share,
    /// Others wait with their records for this one's.
    pub(crate) under_way: UnderWay,
}

/// A batch that is being divided.
pub(crate) struct Portions {
    asked: Vec<Asked>,
    size: usize,
}

impl Portions {
    pub(crate) fn of(asked: Vec<Asked>) -> Self {
        Self { asked, size: FIRST }
    }

    /// What is left of it.
    pub(crate) fn rest(self) -> Vec<Asked> {
        self.asked
    }

    /// Lets the size of the next portion depend on what the last one has led to.
    fn learn(&mut self, loads: &[Result<Load, StoreError>]) {
        let bytes: usize = loads.iter().flatten().map(cost).sum();
        let is_light = bytes <= LIGHT + loads.len() * OVERHEAD;
        self.size = if is_light { MOST } else { HEAVY };
    }
}

impl Iterator for Portions {
    type Item = Portion;

    fn next(&mut self) -> Option<Portion> {
        let size = self.size.min(self.asked.len());
        let portion: Vec<_> = self.asked.drain(..size).collect();
        (!portion.is_empty()).then_some(Portion(portion))
    }
}

impl Portion {
    /// Reads what its messages lead to.
    pub(crate) async fn load(&self, deliver: &Deliver) -> store::Loaded {
        let messages = self.0.iter().map(|asked| asked.message.clone());
        let messages: Vec<DeliveryMessage> = messages.collect();
        let endpoints = deliver.endpoints.guess(&messages);
        let mut users: Vec<UserId> = Vec::new();
        for message in &messages {
            if !users.contains(&message.user) {
                users.push(message.user.clone());
            }
        }
        let loaded = deliver.store.load_with(&messages, &endpoints, &users);
        loaded.await
    }
}

/// Begins each delivery: first those for which there is memory at once, so that large ones hold up
/// only themselves. Those for which there is none while there is time go back to the slow lane.
pub(crate) async fn begin_all(
    deliver: &Arc<Deliver>,
    (first, loaded): (Portion, store::Loaded),
    mut others: Portions,
    context: &BatchContext,
) -> Vec<Begun> {
    let mut beginning = Beginning {
        deliver,
        context,
        destinations: Destinations::default(),
        event: None,
        begun: Vec::new(),
    };
    let at_once = Some(Duration::ZERO);
    others.learn(&loaded.loads);
    let mut large = beginning.begin(first, loaded, at_once).await;
    while let Some(portion) = others.next() {
        let loaded = portion.load(deliver).await;
        others.learn(&loaded.loads);
        large.extend(beginning.begin(portion, loaded, at_once).await);
    }
    let large = Portions {
        asked: large,
        size: HEAVY,
    };
    for portion in large {
        let loaded = portion.load(deliver).await;
        let patience = context.limit.patience(deliver.config.request_timeout);
        for Asked { message, held } in beginning.begin(portion, loaded, patience).await {
            let deliver = Arc::clone(deliver);
            let task = tokio::spawn(async move { deliver.send_to_slow_lane(message).await });
            beginning.begun.push(Begun { held, task });
        }
    }
    beginning.begun
}

/// The deliveries of a batch that are begun.
struct Beginning<'d> {
    deliver: &'d Arc<Deliver>,
    context: &'d BatchContext,
    destinations: Destinations,
    /// The event of the last of them: the next one often has the same.
    event: Option<Arc<SharedEvent>>,
    begun: Vec<Begun>,
}

impl Beginning<'_> {
    /// Begins those for which there is memory soon enough, and gives back the others.
    async fn begin(
        &mut self,
        portion: Portion,
        mut loaded: store::Loaded,
        patience: Option<Duration>,
    ) -> Vec<Asked> {
        self.deliver
            .endpoints
            .find(&mut self.destinations, &mut loaded)
            .await;
        let mut others = Vec::new();
        for (asked, load) in portion.0.into_iter().zip(loaded.loads) {
            let load = match load {
                Ok(load) => load,
                Err(error) => {
                    let task = tokio::spawn(ready(Err(error.into())));
                    let held = asked.held;
                    self.begun.push(Begun { held, task });
                    continue;
                }
            };
            match self.loaded(load, patience).await {
                Some(loaded) => self.start(asked, loaded),
                None => others.push(asked),
            }
        }
        others
    }

    fn start(&mut self, Asked { message, held }: Asked, loaded: Loaded) {
        let (deliver, context) = (Arc::clone(self.deliver), self.context.clone());
        let deliver = async move {
            // A whole delivery is a large future: on the heap it is moved by its address.
            Box::pin(deliver.deliver(message, loaded, &context)).await
        };
        let task = tokio::spawn(deliver);
        self.begun.push(Begun { held, task });
    }

    /// What a message leads to, with its share of the memory; `None` if that is not free soon
    /// enough.
    async fn loaded(&mut self, load: Load, patience: Option<Duration>) -> Option<Loaded> {
        let known = self.event.clone();
        let another = load
            .event
            .as_ref()
            .filter(|event| !known.is_some_and(|known| known.is(event)));
        let of_event = another.map_or(0, |event| SharedEvent::cost(event));
        let wanted = of_event + cost(&load);
        let mut share = self.deliver.memory.share(wanted, patience).await?;
        if let Some(another) = another {
            let own = share.split(of_event);
            self.event = Some(Arc::new(SharedEvent::new(Arc::clone(another), own)));
        }
        Some(Loaded {
            destination: self.destinations.of(load.webhook.as_deref()),
            event: load.event.and(self.event.clone()),
            webhook: load.webhook,
            dispatch: load.dispatch,
            under_way: self.deliver.recorder.begin(),
            share,
        })
    }
}

/// How much memory a delivery takes at most, but for its event.
fn cost(load: &Load) -> usize {
    let event = load.event.as_ref().map_or(0, |event| event.length());
    let of_webhook = |webhook: &Arc<Webhook>| {
        let templates = &webhook.definition.templates;
        templates.length() + templates.longest_payload(event)
    };
    OVERHEAD
        + load.webhook.as_ref().map_or(0, of_webhook)
        + load.dispatch.as_ref().map_or(0, Dispatch::length)
}
