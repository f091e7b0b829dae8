//! A model of the protocols that keep the promises of Runhooks, checked in every order in which
//! their steps can happen.
//!
//! ```text
//! cargo test -p model                                           # all states within the bounds
//! cargo test -p model -- --include-ignored                      # with more faults: some minutes
//! cargo run -p model --example counterexample -- claim-or-skip  # how a mistake shows
//! ```
//!
//! A test tries some orders of events. This tries all of them: each worker is a small machine that
//! takes one step at a time, a step is one call to a table or queue, and after each step anybody
//! may go on, die, be slow, or have its message handed to another worker. The model checker
//! [`stateright`] visits every state that can result.
//!
//! # What is modelled
//!
//! | model | protocol | who plays |
//! |---|---|---|
//! | [`ingest`] | the bound claim; ad hoc webhooks that come after the events that they wait for | two workers, two events of one run, a standing and an ad hoc webhook; the API as registrar |
//! | [`deliver`] | attempt, lease, record, retry, and the hand-over from a worker that died; redelivery | two workers, one dispatch, its first message twice; its owner, who asks for more |
//! | [`sweep`] | retries that are parked and taken out in time | two workers, two sweepers, two retries, a clock |
//! | [`notices`] | what owners are told of is written down with its change, counted, and sent | two changes of a webhook, two exhausted dispatches, two sweepers |
//!
//! The models meet where one hands over to the next. `ingest` ends when a waiting dispatch has a
//! message on the delivery queue; `deliver` begins there. A retry that `deliver` schedules arrives,
//! perhaps twice: `sweep` shows that it does. Each step names the function that implements it,
//! where it is defined: `Stage` and `Call` in [`ingest`], `Move` for the API, `Step` in
//! [`deliver`], `Way` and `Stage` in [`sweep`], `World` and `Stage` in [`notices`]. A test holds these names against the code.
//!
//! # What can go wrong in them
//!
//! - a worker dies between any two steps, and its message comes again; a batch that dies is many
//!   workers that die;
//! - a message is handed to a second worker while the first still runs (its visibility timeout has
//!   expired, or SQS does so itself), and either may delete it, for the other, too;
//! - messages come twice, and in any order;
//! - a write is made but its answer is lost, and the SDK makes the call again; or the function is
//!   told that it has failed;
//! - a call fails for one dispatch of a message and not for the others, as a statement of a batch
//!   does; or it fails, or loses its answer, for all of them at once, as the batch does;
//! - an outcome waits to be recorded with others when its worker dies;
//! - the API dies, and its client asks again or gives up;
//! - an endpoint is slow or paused, and its messages are sent on;
//! - clocks differ: a message comes before its time, a lease ends while its holder lives;
//! - the owner removes the webhook between two attempts; a receiver's answer is lost;
//! - no sweeper runs for long, or two run at once.
//!
//! # What must hold
//!
//! | promise | property | implemented by |
//! |---|---|---|
//! | G1 nothing is lost | `ingest`: *in the end the event has its dispatch of the standing webhook, attempted*; *in the end the ad hoc webhook has its dispatch, attempted*; *in the end no dispatch is stuck*; *a dispatch finds its event* | `Store::keep`, `Store::claim`, `Claims::enqueue`, `ingest::batch::handle` |
//! | | `deliver`: *in the end the dispatch is delivered, or failed on record* | `next_step::next_step`, `Deliver::settle`, `Deliver::schedule`, `Store::record` |
//! | | `sweep`: *in the end every retry is on the delivery queue* | `Store::park`, `Sweep::take_all`, `Minute::to_take`, `Store::note_taken` |
//! | G2 an ad hoc webhook fires once | `ingest`: *an ad hoc webhook never has two dispatches* | `Store::fire`, `MatchEntry::is_triggered_by` |
//! | | `deliver`: *what is not to be retried is sent once* (`doNotRetry`) | `Deliver::permission`, `Store::lease` |
//! | G3 one dispatch per event | `ingest`: *a dispatch that was attempted is never claimed anew*; that an event names its dispatch is how `MatchEntry::dispatch_id` makes the name | `Store::claim` |
//! | G5 a success is final | `deliver`: *no attempt is begun once a success is known*; *a success that is known is on record in the end* | `next_step::next_step`, `Deliver::settle`, `Store::record` |
//! | G7 order does not matter | `ingest`, when the ad hoc webhook comes late: *in the end the ad hoc webhook has its dispatch, attempted* | `Store::register_ad_hoc`, `Store::create_webhook`, `Store::kept_events`, `EventQueue::put_back`, `Store::waiting_for` |
//! | G11 redelivery | `deliver`: *what was delivered is sent once more if its owner asks*; *in the end the dispatch is delivered, or failed on record*, although `api` dies | `Dispatch::redelivery_step`, `Api::remind`, `Store::revive`, `Dispatch::lacks_success` |
//! | every change has its notice | `notices`: *in the end every change has been told*; *what is told can be read by its owner* | `Store::put_notice`, `Store::record_exhausted`, `Sweep::tell`, `Store::note_sent` |
//! | every notice has its change, once | `notices`: *nothing is told that has not happened*; *nothing is told under two ids*; *a notice that comes again says the same* | `Store::put_notice`, `Store::count_together`, `Notice::exhausted` |
//! | no retry is early | `deliver`: *no attempt is made before its time*; `sweep`: *what is sent can be held back until it is due* | `next_step::next_step`, `Minute::to_take` |
//!
//! "In the end" means: in every state in which nobody has anything left to do, not even a fault.
//! The checker looks at each such state. [`ends`] shows that one of them is always reached: no
//! model has a cycle, so every path comes to an end. (The checker's own `eventually` is not used,
//! because it overlooks cycles, and paths that join.) Each model also says what must be *possible*,
//! such as that everything can come to its end: a model in which nothing moves would keep every
//! promise.
//!
//! # Mistakes that must be found
//!
//! A check that cannot fail is worth nothing. So each protocol is also there with a mistake in it
//! ([`cases::WRONG`]), and each mistake must break the property that it was made for:
//! claim-or-skip, send-then-claim, a flag that is raised after the other's was read, a cursor that
//! moves before the send, and all the others that seemed easy to make.
//!
//! # Bounds
//!
//! Two workers at a time, but any number one after the other. Two events, one message of which may
//! be there twice from the start; the API adds more. One retry schedule of two retries; of one, or
//! none, where there are redeliveries. Six minutes; of exhausted dispatches, one. Of the disturbances that are marked as faults,
//! none to three in all, of any kind, at any moment; the table that the test prints has the number
//! for each check. Everything that is not a fault is unbounded. States are told apart by 64-bit
//! fingerprints: among some millions of states, the chance that two look alike is less than one in
//! a million.
//!
//! # What is left out, and why that is sound
//!
//! - **Other users, runs, webhooks, dispatches.** Every protocol turns on single items: one match
//!   document, one record, one bucket. What workers do to other items they could have done before
//!   or after.
//! - **Batches.** A batch walks through the steps of its messages side by side. That is one of the
//!   orders that two workers can take; when it dies, two die.
//! - **Lanes and pauses.** Whatever the reason, a message that has to wait for its endpoint is sent
//!   on, to this queue or to another: that is a step of [`deliver`], counted as a fault. That it
//!   does not wait forever is a rule about time: `DeliveryMessage::put_off`.
//! - **Redelivery of all that failed** is, for each dispatch, the same as by its owner; the job's
//!   list is not in the model.
//! - **Content, templates, URLs, signatures.** They affect the steps only through their outcome,
//!   and each outcome is tried.
//! - **Reading several items at once.** Tables are read strongly consistent, but no two items at
//!   the same moment. No step of a model reads two items that others change meanwhile.
//! - **Time in `deliver`.** Waits can end at any moment after they have begun, and so can leases;
//!   how long they are plays no part.
//! - **Minutes in `sweep`.** The longest delay is 3, the look-ahead 2: what counts is that a worker
//!   parks in no more time than lies between the two. In truth that is 15 and 10 minutes, less one
//!   because a bucket is a whole minute, against the 150 s that an invocation of `deliver` can
//!   last. [`sweep::Protocol::SlowParking`] shows what happens beyond that, and `domain::due`
//!   asserts that it does not come to it.
//! - **What has changed, in `notices`.** Each change is one transaction with its notice, whatever it
//!   is of; that it is made once is the condition of that transaction. An exhausted dispatch that is
//!   redelivered and exhausted again leaves another item, like another dispatch.
//! - **Dead-letter queues.** A message comes again until it is done. That one that fails too often
//!   waits on a dead-letter queue for its operator, with an alarm, is beyond the model, as are a
//!   table that is restored, and records that expire after 30 days.
//! - **A repeated write that says the same again** (keep, list, park, note, and send where a second
//!   message has no effect): it leads to the state that is already there.

pub mod cases;
pub mod check;
pub mod deliver;
pub mod ends;
pub mod ingest;
pub mod notices;
pub mod queue;
pub mod sweep;
