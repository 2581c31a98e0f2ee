mod api_key;
mod http;
