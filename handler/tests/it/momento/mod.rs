mod api_key;
mod grpc;
mod http;
