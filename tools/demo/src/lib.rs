//! Nothing but dependencies: cargo builds the executables of the handlers from this workspace too, for `npm run demo` and
//! `npm run example`, with those features of their dependencies that the handlers' tests and the examples have. What is published is
//! built in the handlers' own workspace.
