-- What each antenna read in an hour (`hour` counts Unix hours), to hold its rate against its own.
CREATE TABLE antenna_hours (
    hour INTEGER NOT NULL,
    gateway TEXT NOT NULL,
    antenna INTEGER NOT NULL,
    reads INTEGER NOT NULL,
    on_air_ms INTEGER NOT NULL,
    PRIMARY KEY (hour, gateway, antenna)
) WITHOUT ROWID;
