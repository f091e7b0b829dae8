//! Claiming a dispatch: two conditional writes make sure that it is created once, whoever races.
//!
//! 1. An ad hoc webhook is bound to one dispatch. On the run's match document: `UPDATE … SET
//!    "f_<webhook>" = <dispatch> WHERE pk = … AND sk = … AND "f_<webhook>" IS MISSING`. Whoever is
//!    refused reads the attribute: another dispatch has fired the webhook, or this one has.
//! 2. The dispatch is created: `INSERT`, refused if it exists.
//!
//! A failed condition never means "already sent": the worker that won may have died before it sent
//! anything. So a loser that finds the dispatch still waiting for its first attempt sends it, too.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::condition::Condition;
use domain::dispatch::{Dispatch, DispatchState};
use domain::dispatch_id::DispatchId;
use domain::matching::MatchKey;
use domain::timestamp::Timestamp;
use domain::webhook::Lifetime;

use super::counts::Counts;
use super::item;
use crate::Store;
use crate::error::StoreError;
use crate::table::key::Key;
use crate::table::statement::{Changed, Statement};
use crate::webhooks::match_document::fired_name;

/// Whether an ad hoc webhook is this dispatch's to fire.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firing {
    /// It is, now or since an earlier try.
    Ours,
    /// Another dispatch has fired it.
    Another,
}

/// What became of the claim of a dispatch.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is new.
    Won,
    /// It was there, and no attempt is recorded: it may never have been sent.
    Waiting,
    /// It was there, and has been attempted: what follows is the delivery's business.
    Attempted,
    /// Another dispatch has fired its ad hoc webhook, and this one does not exist.
    FiredByAnother,
}

/// What became of many claims.
#[derive(Debug)]
pub struct Claims {
    /// Of each, in their order.
    pub results: Vec<Result<Claim, StoreError>>,
    /// Corrections of the webhooks' dispatch counters that are still to be written.
    pub counts: Counts,
}

/// What is known of each claim so far.
type Known<'d> = Vec<(&'d Dispatch, Option<Result<Claim, StoreError>>)>;

impl Store {
    /// Makes one dispatch exist, if it does not yet; its record is kept until a time. It is not
    /// counted for its webhook.
    ///
    /// Repeating this is safe because a dispatch that is there stays as it is.
    pub async fn claim(&self, dispatch: &Dispatch, until: Timestamp) -> Result<Claim, StoreError> {
        let mut known: Known<'_> = vec![(dispatch, None)];
        self.make_exist(&mut known, until).await;
        self.inspect_existing(&mut known).await;
        let result = known.pop().and_then(|(_, result)| result);
        result.unwrap_or(Ok(Claim::Attempted))
    }

    /// Makes each of these different dispatches exist, if it does not yet; their records are kept
    /// until a time. An ad hoc webhook is bound to the one dispatch that may ever fire it first: so
    /// no other can come to exist.
    ///
    /// In one call for 25 of them; binding ad hoc webhooks takes one more, and so does reading
    /// those that exist.
    ///
    /// Repeating this is safe because a dispatch that is there stays as it is, and is still the one
    /// that its webhook is bound to.
    pub async fn claim_all(&self, dispatches: &[&Dispatch], until: Timestamp) -> Claims {
        let (mut bound, mut others): (Known<'_>, Known<'_>) = dispatches
            .iter()
            .map(|&dispatch| (dispatch, None))
            .partition(|(dispatch, _)| dispatch.lifetime.is_ad_hoc());
        let mut counts = Counts::of(dispatches);
        let binding = async {
            let ids: Vec<&Dispatch> = bound.iter().map(|(dispatch, _)| *dispatch).collect();
            for ((_, known), firing) in bound.iter_mut().zip(self.fire(&ids).await) {
                *known = match firing {
                    Ok(Firing::Ours) => None,
                    Ok(Firing::Another) => Some(Ok(Claim::FiredByAnother)),
                    Err(error) => Some(Err(error)),
                };
            }
            self.make_exist(&mut bound, until).await;
        };
        let claiming = self.make_exist_and_count(&mut others, &mut counts, until);
        futures::join!(binding, claiming);
        let mut all: Known<'_> = bound.into_iter().chain(others).collect();
        self.inspect_existing(&mut all).await;
        let mut by_id: HashMap<&DispatchId, _> = all
            .into_iter()
            .map(|(dispatch, result)| (&dispatch.id, result))
            .collect();
        let result = |&dispatch: &&Dispatch| {
            let result = by_id.remove(&dispatch.id).flatten();
            result.unwrap_or(Ok(Claim::Attempted))
        };
        let results: Vec<_> = dispatches.iter().map(result).collect();
        let new = dispatches.iter().zip(&results);
        let new = new.filter(|(_, result)| matches!(result, Ok(Claim::Won)));
        counts.learn(new.map(|(dispatch, _)| *dispatch));
        Claims { results, counts }
    }

    /// Binds each ad hoc webhook of these different dispatches to the one dispatch that may ever
    /// fire it: the first that asks.
    ///
    /// Repeating this is safe because the same dispatch gets the same answer.
    pub async fn fire(&self, dispatches: &[&Dispatch]) -> Vec<Result<Firing, StoreError>> {
        let table = &self.tables.webhooks;
        let statements = dispatches.iter().map(|dispatch| {
            let fired = fired_name(&dispatch.webhook);
            let id = AttributeValue::S(dispatch.id.to_string());
            let change = format!("SET \"{fired}\" = ?");
            let condition = format!("\"{fired}\" IS MISSING");
            let (change, condition) = ((&*change, vec![id]), (&*condition, vec![]));
            let document = document(dispatch)?;
            Ok(Statement::update(table, document, change, condition))
        });
        let statements: Vec<_> = match statements.collect() {
            Ok(statements) => statements,
            Err(error) => return vec![Err(error); dispatches.len()],
        };
        let results = self.execute("fire an ad hoc webhook", &statements).await;
        let refused = dispatches.iter().zip(&results);
        let refused = refused.filter(|(_, result)| matches!(result, Ok(Changed::Refused)));
        let refused: Vec<&Dispatch> = refused.map(|(dispatch, _)| *dispatch).collect();
        let bound = match refused.is_empty() {
            true => Ok(BTreeMap::new()),
            false => self.bound(&refused).await,
        };
        let firing = |(dispatch, result): (&&Dispatch, _)| match result? {
            Changed::Done => Ok(Firing::Ours),
            Changed::Refused => {
                let bound = bound.as_ref().map_err(Clone::clone)?;
                Ok(match bound.get(&dispatch.id) {
                    Some(true) => Firing::Ours,
                    Some(false) | None => Firing::Another,
                })
            }
        };
        dispatches.iter().zip(results).map(firing).collect()
    }

    /// Whether each of these dispatches is the one that its ad hoc webhook is bound to.
    async fn bound(
        &self,
        dispatches: &[&Dispatch],
    ) -> Result<BTreeMap<DispatchId, bool>, StoreError> {
        let table = self.tables.webhooks.as_str();
        let documents = dispatches.iter().map(|dispatch| document(dispatch));
        let documents: Vec<Key> = documents.collect::<Result<_, _>>()?;
        let keys = documents.iter().map(|document| (table, document.clone()));
        let names = dispatches
            .iter()
            .map(|dispatch| fired_name(&dispatch.webhook));
        let names: BTreeSet<String> = names.collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = self.batch_get_attributes(keys.collect(), &names).await?;
        let is_bound = |(dispatch, document): (&&Dispatch, &Key)| {
            let fired = found
                .get(document)
                .and_then(|document| document.get(&fired_name(&dispatch.webhook))?.as_s().ok());
            (dispatch.id.clone(), fired == Some(&dispatch.id.to_string()))
        };
        Ok(dispatches.iter().zip(&documents).map(is_bound).collect())
    }

    /// Makes those exist of which nothing is known. What was there is left unknown.
    async fn make_exist(&self, dispatches: &mut Known<'_>, until: Timestamp) {
        self.make_exist_and_count(dispatches, &mut Counts::default(), until)
            .await;
    }

    async fn make_exist_and_count(
        &self,
        dispatches: &mut Known<'_>,
        counts: &mut Counts,
        until: Timestamp,
    ) {
        let mut statements = Vec::with_capacity(dispatches.len());
        let mut asked = Vec::with_capacity(dispatches.len());
        for (dispatch, known) in dispatches.iter_mut().filter(|(_, known)| known.is_none()) {
            match item::write(dispatch, until) {
                Ok(item) => {
                    let key = Key::dispatch(&dispatch.user, &dispatch.id);
                    statements.push(Statement::insert(&self.tables.dispatches, key, item));
                    asked.push(known);
                }
                Err(error) => *known = Some(Err(error)),
            }
        }
        statements.extend(counts.statements(&self.tables.dispatches));
        let mut results = self.execute("claim dispatches", &statements).await;
        counts.note(results.split_off(asked.len()));
        for (known, result) in asked.into_iter().zip(results) {
            *known = match result {
                Ok(Changed::Done) => Some(Ok(Claim::Won)),
                Ok(Changed::Refused) => None,
                Err(error) => Some(Err(error)),
            };
        }
    }

    /// Finds out how far the dispatches that existed before have come.
    async fn inspect_existing(&self, dispatches: &mut Known<'_>) {
        let mut lost: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (dispatch, known) in dispatches.iter_mut().filter(|(_, known)| known.is_none()) {
            let of_user = lost.entry(&dispatch.user).or_default();
            of_user.push((&dispatch.id, known));
        }
        for (user, lost) in lost {
            let ids = lost.iter().map(|(id, _)| (*id).clone());
            let found = self.dispatches_by_id(user, ids).await;
            for (id, known) in lost {
                *known = Some(match &found {
                    Ok(found) => Ok(found.get(id).map_or(Claim::Attempted, how_far)),
                    Err(error) => Err(error.clone()),
                });
            }
        }
    }
}

/// The match document that the ad hoc webhook of this dispatch is listed in.
fn document(dispatch: &Dispatch) -> Result<Key, StoreError> {
    let Lifetime::AdHoc(run) = &dispatch.lifetime else {
        return Err(StoreError::item("dispatch")("its webhook is not ad hoc"));
    };
    Ok(Key::match_document(&MatchKey {
        user: dispatch.user.clone(),
        condition: Condition::Run(run.clone()),
    }))
}

fn how_far(there: &Dispatch) -> Claim {
    if there.calls.is_empty() && matches!(there.state, DispatchState::Active { .. }) {
        Claim::Waiting
    } else {
        Claim::Attempted
    }
}
