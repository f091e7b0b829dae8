//! CloudWatch: CBOR in, CBOR out (Smithy's RPC v2, which the SDKs speak to it).

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use minicbor::data::Type;
use minicbor::{Decoder, Encoder, decode, encode};

use super::ControlPlane;

/// An alarm as far as it is shown.
struct Alarm {
    name: String,
    state: String,
}

/// As much of a request as is played: the names of the alarms.
#[derive(Debug, Default, PartialEq)]
struct Request {
    names: Option<Vec<String>>,
    /// A member that is not.
    unknown: Option<String>,
}

impl ControlPlane {
    /// Every alarm of the template.
    fn alarms(&self) -> Vec<Alarm> {
        let alarms = self.cloudwatch.alarms().into_iter();
        alarms
            .map(|alarm| Alarm {
                name: alarm.name,
                state: alarm.state.to_string(),
            })
            .collect()
    }
}

pub(super) fn answer(plane: &ControlPlane, path: &str, body: &[u8]) -> Response {
    let operation = path.rsplit('/').next().unwrap_or_default();
    if operation != "DescribeAlarms" {
        let message = "The local platform plays DescribeAlarms.";
        return refuse("UnknownOperationException", message);
    }
    let request = match read(body) {
        Ok(request) => request,
        Err(error) => return refuse("SerializationException", &error.to_string()),
    };
    if let Some(unknown) = request.unknown {
        let message = format!("The local platform does not know {unknown}: name the alarms.");
        return refuse("InvalidParameterValue", &message);
    }
    let is_wanted = |alarm: &Alarm| {
        let mut names = request.names.iter().flatten();
        request.names.is_none() || names.any(|name| *name == alarm.name)
    };
    let alarms: Vec<_> = plane.alarms().into_iter().filter(is_wanted).collect();
    respond(StatusCode::OK, |encoder| write(encoder, &alarms))
}

fn read(body: &[u8]) -> Result<Request, decode::Error> {
    let mut request = Request::default();
    let mut decoder = Decoder::new(body);
    let mut left = decoder.map()?;
    while has_more(&mut decoder, &mut left)? {
        let member = decoder.str()?.to_owned();
        match member.as_str() {
            "AlarmNames" => {
                let mut names = Vec::new();
                let mut left = decoder.array()?;
                while has_more(&mut decoder, &mut left)? {
                    names.push(decoder.str()?.to_owned());
                }
                request.names = Some(names);
            }
            "MaxRecords" => decoder.skip()?,
            _ => {
                decoder.skip()?;
                request.unknown = Some(member);
            }
        }
    }
    Ok(request)
}

/// Whether a map or a list goes on: its length is said before, or its end is marked.
fn has_more(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, decode::Error> {
    match left {
        Some(0) => Ok(false),
        Some(left) => {
            *left -= 1;
            Ok(true)
        }
        None if decoder.datatype()? == Type::Break => {
            decoder.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

type Written = Result<(), encode::Error<std::convert::Infallible>>;

fn write(encoder: &mut Encoder<Vec<u8>>, alarms: &[Alarm]) -> Written {
    encoder.map(1)?.str("MetricAlarms")?;
    encoder.array(alarms.len() as u64)?;
    for alarm in alarms {
        encoder.map(2)?;
        encoder.str("AlarmName")?.str(&alarm.name)?;
        encoder.str("StateValue")?.str(&alarm.state)?;
    }
    Ok(())
}

fn refuse(code: &str, message: &str) -> Response {
    respond(StatusCode::BAD_REQUEST, |encoder| {
        encoder.map(2)?;
        encoder.str("__type")?.str(code)?;
        encoder.str("message")?.str(message)?;
        Ok(())
    })
}

fn respond(status: StatusCode, write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written) -> Response {
    let mut encoder = Encoder::new(Vec::new());
    if let Err(error) = write(&mut encoder) {
        return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
    }
    let headers = [
        (CONTENT_TYPE.as_str(), "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
    ];
    (status, headers, encoder.into_writer()).into_response()
}
