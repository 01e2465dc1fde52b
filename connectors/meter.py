class SourceMeter:
    def __init__(self, flow, stream):
        pass

    def idle(self):
        pass

    def lost(self, n):
        pass

    def read(self, n, pending):
        pass
