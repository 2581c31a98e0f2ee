mod publisher;
mod topic_message;
