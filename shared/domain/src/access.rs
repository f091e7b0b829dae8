//! Who asks, what they may see and do, and how often.

pub mod api_token;
pub mod grant;
pub mod platform_token;
pub mod rate;
