//! List prices of us-east-1 in US dollars, November 2026, in the first tier and beyond the free
//! one.

/// A gigabyte, as AWS counts storage and traffic.
pub const GB: f64 = 1_073_741_824.0;

/// A second of a gigabyte of memory on arm64: <https://aws.amazon.com/lambda/pricing/>.
pub const LAMBDA_GB_SECOND: f64 = 0.000_013_333_4;

/// The same on x86_64: <https://aws.amazon.com/lambda/pricing/>.
pub const LAMBDA_GB_SECOND_X86: f64 = 0.000_016_666_7;

/// A million invocations: <https://aws.amazon.com/lambda/pricing/>.
pub const LAMBDA_REQUESTS: f64 = 0.20;

/// A million requests to a standard queue; every 64 KB of one is a request:
/// <https://aws.amazon.com/sqs/pricing/>.
pub const SQS_REQUESTS: f64 = 0.40;

/// On top of that for requests to a fair queue, one whose messages have groups:
/// <https://aws.amazon.com/sqs/pricing/>.
pub const SQS_FAIR_SURCHARGE: f64 = 0.10;

/// What one SQS request may carry.
pub const SQS_REQUEST_BYTES: f64 = 65_536.0;

/// A million write request units, on demand: <https://aws.amazon.com/dynamodb/pricing/on-demand/>.
pub const DYNAMODB_WRITES: f64 = 0.625;

/// A million read request units, on demand: <https://aws.amazon.com/dynamodb/pricing/on-demand/>.
pub const DYNAMODB_READS: f64 = 0.125;

/// A gigabyte stored for a month, and its point-in-time recovery:
/// <https://aws.amazon.com/dynamodb/pricing/on-demand/>.
pub const DYNAMODB_STORAGE: f64 = 0.25 + 0.20;

/// What DynamoDB bills for each item besides its own bytes.
pub const DYNAMODB_ITEM_BYTES: f64 = 100.0;

/// A gigabyte of log taken in: <https://aws.amazon.com/cloudwatch/pricing/>.
pub const LOGS: f64 = 0.50;

/// What CloudWatch Logs bills for each line besides its own bytes.
pub const LOG_LINE_BYTES: f64 = 26.0;

/// A gigabyte sent to the internet: <https://aws.amazon.com/ec2/pricing/on-demand/>.
pub const EGRESS: f64 = 0.09;
