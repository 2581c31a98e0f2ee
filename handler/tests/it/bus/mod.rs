mod event;
