//! The run or build that a test or a preview is to show.

use domain::event::{Event, SubjectId};
use domain::fields::{FieldError, Fields};
use domain::grant::Grant;
use domain::id::{BuildId, RunId, UserId};

use crate::Api;
use crate::caller::refuse_limited;
use crate::error::{ApiError, excerpt};

/// A run or build of the caller's, of which something may be kept.
#[derive(Debug)]
pub(crate) struct Resource(SubjectId);

impl Resource {
    /// Takes `resourceId` and `resourceType`, as Apify has them; `None` if there is neither.
    pub(crate) fn take(fields: &mut Fields) -> Result<Option<Self>, FieldError> {
        let id = fields.take_text("resourceId", 1..=64)?;
        let kind = fields.take_text("resourceType", 0..=usize::MAX)?;
        let wrong = |error| FieldError::new("resourceId", error);
        let subject = match (id, kind.as_deref()) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return Err(FieldError::new("resourceId", "is required")),
            (Some(id), None | Some("RUN")) => SubjectId::Run(RunId::parse(&id).map_err(wrong)?),
            (Some(id), Some("BUILD")) => SubjectId::Build(BuildId::parse(&id).map_err(wrong)?),
            (Some(_), Some(other)) => {
                let other = excerpt(other);
                let problem = format_args!("expected RUN or BUILD, found {other:?}");
                return Err(FieldError::new("resourceType", problem));
            }
        };
        Ok(Some(Self(subject)))
    }

    /// Refuses it to a token that is limited to a detail page: whose run or build it is cannot be
    /// told from its id.
    pub(crate) fn for_token(self, grant: &Grant) -> Result<Self, ApiError> {
        refuse_limited(grant).map(|()| self)
    }

    /// What is kept of it, the oldest first: at least one event.
    pub(crate) async fn events(&self, api: &Api, user: &UserId) -> Result<Vec<Event>, ApiError> {
        let events = api.store.kept_events(user, &self.0).await?;
        if events.is_empty() {
            let noun = match self.0 {
                SubjectId::Build(_) => "build",
                SubjectId::Run(_) | SubjectId::Test => "run",
            };
            return Err(ApiError::not_found(noun, self.id()));
        }
        Ok(events)
    }

    pub(crate) fn id(&self) -> &str {
        self.0.as_str()
    }
}
