//! A standard SQS queue, and what it means to hold one of its messages.
//!
//! A queue promises little, and the models get no more: any visible message may come next, a
//! message comes again unless it is deleted, and it may come again while it is being handled.

/// The messages that a worker can receive now. Kept in order only so that equal states look equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Queue<M>(Vec<Message<M>>);

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Message<M> {
    /// What it says.
    pub body: M,
    /// Tells it from others that say the same, once it is in more than one hand; 0 before.
    receipt: u8,
}

/// A message in the hands of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held<M> {
    /// The message.
    pub message: Message<M>,
    /// Whether the visibility timeout is over: then the message is visible again, in other hands,
    /// or deleted.
    pub has_lapsed: bool,
}

impl<M: Copy + Ord> Queue<M> {
    /// A queue with these messages.
    pub fn of(bodies: impl IntoIterator<Item = M>) -> Self {
        let mut queue = Self(Vec::new());
        bodies.into_iter().for_each(|body| queue.send(body));
        queue
    }

    /// Adds a message.
    pub fn send(&mut self, body: M) {
        self.show(Message { body, receipt: 0 });
    }

    /// The messages that may come next; of several that are alike, one.
    pub fn visible(&self) -> impl Iterator<Item = Message<M>> + '_ {
        let is_new = |place: usize| place == 0 || self.0[place - 1] != self.0[place];
        (0..self.0.len())
            .filter(move |&place| is_new(place))
            .map(|place| self.0[place])
    }

    /// Takes a message out. `None` if it is not there.
    pub fn receive(&mut self, message: Message<M>) -> Option<Held<M>> {
        let place = self.0.iter().position(|other| *other == message)?;
        self.0.remove(place);
        Some(Held {
            message,
            has_lapsed: false,
        })
    }

    fn show(&mut self, message: Message<M>) {
        let place = self.0.partition_point(|other| *other < message);
        self.0.insert(place, message);
    }
}

impl<M: Copy + Ord> Held<M> {
    /// The visibility timeout is over, but the worker goes on. `receipt` is a number that was not
    /// used before.
    pub fn lapse(&mut self, queue: &mut Queue<M>, receipt: u8) {
        self.has_lapsed = true;
        if self.message.receipt == 0 {
            self.message.receipt = receipt;
        }
        queue.show(self.message);
    }

    /// The worker is gone, or reports that the message has failed: in time the message is visible
    /// again.
    pub fn give_back(self, queue: &mut Queue<M>) {
        if !self.has_lapsed {
            queue.show(self.message);
        }
    }

    /// The worker deletes the message. If others have received it since, SQS may delete it all the
    /// same; their hold on it then means nothing.
    pub fn delete<'a>(self, queue: &mut Queue<M>, mut others: impl Iterator<Item = &'a mut Self>)
    where
        M: 'a,
    {
        if self.message.receipt == 0 || queue.receive(self.message).is_some() {
            return;
        }
        if let Some(other) = others.find(|other| other.message == self.message && !other.has_lapsed)
        {
            other.has_lapsed = true;
        }
    }
}
