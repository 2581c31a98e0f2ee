mod event;
mod publisher;
mod topic_message;
