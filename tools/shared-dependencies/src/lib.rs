//! Nothing but dependencies. Cargo compiles a crate again for every other choice of its features, and an AWS SDK takes a minute of CPU.
