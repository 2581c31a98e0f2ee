//! Nothing but a dependency: cargo builds the executables of the handlers from this workspace too, in one go with the local
//! Momento, for `npm run demo` and `npm run example`. What is published is built in the handlers' own workspace.
