//! Level 6: live logs and monitoring, one to many.
