-- What the map asks: who is in a room, and how many went through each doorway since some time.
CREATE INDEX whereabouts_room ON whereabouts (room);
CREATE INDEX events_crossed ON events (t) WHERE kind = 'crossed' AND retracted = 0;
