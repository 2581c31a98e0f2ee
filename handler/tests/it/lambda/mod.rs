mod environment;
