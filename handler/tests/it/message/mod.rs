mod event;
mod missed;
mod publisher;
mod topic_message;
