//! Redelivery jobs ([`domain::redelivery_job`]).
//!
//! A job lies beside the dispatches of its webhook. As long as it runs there is a *mark* of it, too: the marks of all users lie together, so that
//! the sweeper finds what is to be carried on, and a webhook has only one, so that only one job of it runs. Job and mark come to be
//! together. The mark goes when the job has ended; one that is left over then is of no effect, and is taken away by whoever meets it.

mod item;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::id::{JobId, UserId, WebhookId};
use domain::notice::Notice;
use domain::redelivery_job::{Job, JobState};

use self::item::RUNNING;
use crate::Store;
use crate::error::StoreError;
use crate::table::attribute;
use crate::table::batch::Item;
use crate::table::collision::{is_collision, past_collisions};
use crate::table::key::{self, Key};
use crate::table::query::all_items;
use crate::table::transaction::Transaction;

/// The condition that a job is as it was read.
const AS_READ: &str = "parts = :parts AND #state = :running";

/// How often a job is tried to start while marks of ended ones are in its way.
const ATTEMPTS: u32 = 3;

/// What became of a new job.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// It runs.
    New,
    /// This one runs already; nothing was changed.
    Running(Box<Job>),
}

/// Whether a job was moved on.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It was.
    Done,
    /// Nothing was changed: another worker has moved it on.
    ByAnother,
}

/// Where a running job lies.
struct Mark {
    key: Key,
    user: UserId,
    webhook: WebhookId,
    job: JobId,
}

impl Store {
    /// Starts a job, unless one of its webhook runs.
    pub async fn start_job(&self, job: &Job) -> Result<Started, StoreError> {
        for _ in 0..ATTEMPTS {
            let table = &self.tables.dispatches;
            let changes = vec![
                self.put_new_in(table, item::write(job)?)?,
                self.put_new_in(table, mark_of(job))?,
            ];
            if self.transact("start a job", changes).await? == Transaction::Done {
                return Ok(Started::New);
            }
            let key = Key::job_mark(&job.user, &job.webhook);
            let found = self.batch_get(vec![(table, key.clone())]).await?;
            let Some(mark) = found.get(&key).map(read_mark).transpose()? else {
                continue;
            };
            if let Some(running) = self.job_of_mark(mark).await? {
                return Ok(Started::Running(Box::new(running)));
            }
        }
        Err(StoreError::item("job")(
            "others start and end jobs of its webhook all the time",
        ))
    }

    /// A job whose record has not expired.
    pub async fn job(
        &self,
        user: &UserId,
        webhook: &WebhookId,
        id: &JobId,
    ) -> Result<Option<Job>, StoreError> {
        let key = Key::job(user, webhook, id);
        let mut found = self
            .batch_get(vec![(&self.tables.dispatches, key.clone())])
            .await?;
        found.remove(&key).map(item::read).transpose()
    }

    /// All users' jobs that run. The one that has waited longest comes first.
    pub async fn running_jobs(&self) -> Result<Vec<Job>, StoreError> {
        let marks = self.query(&self.tables.dispatches, key::JOB_MARKS);
        let marks = all_items(marks, "read running jobs").await?;
        let mut jobs = Vec::with_capacity(marks.len());
        for mark in &marks {
            jobs.extend(self.job_of_mark(read_mark(mark)?).await?);
        }
        jobs.sort_by_key(|job| job.progress.last_in);
        Ok(jobs)
    }

    /// Puts a job that was moved on in the place of what was read of it. An ended one loses its
    /// mark, and its owner is told.
    ///
    /// Repeating this is safe because a job that was moved on is no longer as it was read.
    pub async fn move_job(&self, read: &Job, moved: &Job) -> Result<Moved, StoreError> {
        match Notice::finished(moved) {
            None => self.move_running_job(read, moved).await,
            Some(notice) => self.end_job(read, moved, &notice).await,
        }
    }

    async fn end_job(&self, read: &Job, moved: &Job, notice: &Notice) -> Result<Moved, StoreError> {
        let parts = AttributeValue::N(read.progress.parts.to_string());
        let running = AttributeValue::S(RUNNING.to_owned());
        let put = Put::builder()
            .table_name(&self.tables.dispatches)
            .set_item(Some(item::write(moved)?))
            .condition_expression(AS_READ)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":parts", parts)
            .expression_attribute_values(":running", running)
            .build()
            .map_err(StoreError::item("job"))?;
        let put = TransactWriteItem::builder().put(put).build();
        let changes = vec![put, self.put_notice(notice)?];
        if self.transact("end a job", changes).await? == Transaction::Refused {
            return Ok(Moved::ByAnother);
        }
        let mark = Key::job_mark(&moved.user, &moved.webhook);
        self.take_mark_away(&mark, &moved.id).await?;
        Ok(Moved::Done)
    }

    async fn move_running_job(&self, read: &Job, moved: &Job) -> Result<Moved, StoreError> {
        let parts = AttributeValue::N(read.progress.parts.to_string());
        let running = AttributeValue::S(RUNNING.to_owned());
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.dispatches)
            .set_item(Some(item::write(moved)?))
            .condition_expression(AS_READ)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":parts", parts)
            .expression_attribute_values(":running", running);
        match past_collisions(is_collision, || put.clone().send()).await {
            Ok(_) => Ok(Moved::Done),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(Moved::ByAnother)
            }
            Err(error) => Err(StoreError::call("move a job on")(error)),
        }
    }

    /// The job that has this mark, if it runs. If not, the mark is left over.
    async fn job_of_mark(&self, mark: Mark) -> Result<Option<Job>, StoreError> {
        let job = self.job(&mark.user, &mark.webhook, &mark.job).await?;
        match job.filter(|job| job.state == JobState::Running) {
            Some(job) => Ok(Some(job)),
            None => self
                .take_mark_away(&mark.key, &mark.job)
                .await
                .map(|()| None),
        }
    }

    /// Takes the mark of this job away, also while another job of its webhook is about to start.
    ///
    /// Repeating this is safe because another job's mark stays.
    async fn take_mark_away(&self, mark: &Key, job: &JobId) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.tables.dispatches)
            .set_key(Some(mark.attributes()))
            .condition_expression("job = :job")
            .expression_attribute_values(":job", AttributeValue::S(job.to_string()));
        match past_collisions(is_collision, || delete.clone().send()).await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError::call("end a job")(error)),
        }
    }
}

fn mark_of(job: &Job) -> Item {
    let mut mark = Key::job_mark(&job.user, &job.webhook).attributes();
    for (name, id) in [
        ("user", job.user.as_str()),
        ("webhook", job.webhook.as_str()),
        ("job", job.id.as_str()),
    ] {
        mark.insert(name.to_owned(), AttributeValue::S(id.to_owned()));
    }
    mark
}

fn read_mark(item: &Item) -> Result<Mark, StoreError> {
    let error = StoreError::item("mark of a job");
    let user = UserId::parse(attribute::text(item, "user")?).map_err(&error)?;
    let webhook = WebhookId::parse(attribute::text(item, "webhook")?).map_err(&error)?;
    let job = JobId::parse(attribute::text(item, "job")?).map_err(&error)?;
    Ok(Mark {
        key: Key::job_mark(&user, &webhook),
        user,
        webhook,
        job,
    })
}
